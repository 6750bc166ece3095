/**
 * Asks for one thing after another over several connections at once.
 *
 * @returns how long each answer took, ms.
 * @throws Error for an answer that is not 200.
 */
export async function load(tasks: readonly (() => Promise<void>)[], connections: number): Promise<number[]> {
  const waits: number[] = [];
  let next = 0;
  const work = async () => {
    for (let task = tasks[next++]; task; task = tasks[next++]) {
      const began = performance.now();
      await task();
      waits.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return waits;
}

/** One question to the gateway. */
export async function ask(origin: string, token: string, path: string): Promise<void> {
  const answer = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${body.slice(0, 300)}`);
}
