export interface ChiSquare {
  statistic: number;
  degreesOfFreedom: number;
  /** The chance of a statistic at least as large when the expectation is true. */
  pValue: number;
}

/**
 * Karl Pearson's test (Philosophical Magazine 50, 1900): Σ (observed - expected)² / expected.
 * The reference distribution is a limit; expectations of 5 and more per cell are the usual demand.
 *
 * @param observed counts, one per cell
 * @param expected the expectation of every cell, or of each; all above 0, else RangeError
 * @param degreesOfFreedom cells that are free to vary; unless told, all but one
 */
export function chiSquareTest(
  observed: ArrayLike<number>,
  expected: ArrayLike<number> | number,
  degreesOfFreedom = observed.length - 1,
): ChiSquare {
  if (typeof expected !== 'number' && expected.length !== observed.length) {
    throw new RangeError(`There are ${observed.length} observed and ${expected.length} expected counts.`);
  }
  let statistic = 0;
  for (let cell = 0; cell < observed.length; cell += 1) {
    const expectation = typeof expected === 'number' ? expected : Number(expected[cell]);
    if (!(expectation > 0)) throw new RangeError('Every expected count must be above 0.');
    statistic += (Number(observed[cell]) - expectation) ** 2 / expectation;
  }
  return judge(statistic, degreesOfFreedom);
}

/** The p-value of a statistic under the chi-square distribution. Nothing free to vary: 1. */
export function judge(statistic: number, degreesOfFreedom: number): ChiSquare {
  if (!(degreesOfFreedom >= 0)) throw new RangeError('Degrees of freedom cannot be negative.');
  const pValue = degreesOfFreedom === 0 ? 1 : upperGamma(degreesOfFreedom / 2, statistic / 2);
  return { statistic, degreesOfFreedom, pValue };
}

/** Stops a series or fraction whose next term no longer shows in a double. */
const PRECISION = 2 ** -53;

/**
 * The regularised upper incomplete gamma function Q(a, x), to 8 digits for a up to 10^6 and down to the
 * smallest numbers. Here rather than from a library because those at hand fail where a list of 1,000
 * leads: @stdlib's 0.3.1 is wrong in the second digit for a > 1,000, jStat's has no tail below 10^-16.
 *
 * Series for small x and continued fraction otherwise, split at a + 1: NIST Digital Library of
 * Mathematical Functions 8.11.4 and 8.9.2, the latter by Lentz's method in Thompson and Barnett's form
 * (Press et al., Numerical Recipes, 3rd ed. 2007, §5.2 and §6.2).
 */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a));

  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; term > sum * PRECISION; k += 1) {
      term *= x / (a + k);
      sum += term;
    }
    return 1 - factor * sum;
  }

  let b = x + 1 - a;
  let c = Number.POSITIVE_INFINITY;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1, change = 0; Math.abs(change - 1) > PRECISION; k += 1) {
    const numerator = k * (a - k);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    change = c * d;
    fraction *= change;
  }
  return factor * fraction;
}

/** ln Γ(a) for a > 0: Stirling's series (DLMF 5.11.1), which wants a large a, reached by Γ(a + 1) = a Γ(a). */
function logGamma(a: number): number {
  let product = 1;
  let z = a;
  for (; z < 16; z += 1) product *= z;
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5) - 1 / (1680 * z ** 7);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
