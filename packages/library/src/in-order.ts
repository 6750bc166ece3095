/**
 * Reads several pages at the same time and hands them over one after another, in order. Ends with the
 * first failure; what was handed over until then is whole, and nothing is under way any more.
 */
export async function* inOrder<T>(
  offsets: readonly number[],
  atOnce: number,
  read: (offset: number) => Promise<T>,
): AsyncGenerator<T> {
  const underWay: Promise<T>[] = [];
  let next = 0;
  const fill = (): void => {
    while (underWay.length < atOnce && next < offsets.length) {
      const page = read(offsets[next] as number);
      // Its failure is thrown where its turn comes, or never when an earlier one ended the reading.
      page.catch(() => {});
      underWay.push(page);
      next += 1;
    }
  };
  try {
    for (fill(); underWay.length > 0; fill()) yield await (underWay.shift() as Promise<T>);
  } finally {
    await Promise.allSettled(underWay);
  }
}
