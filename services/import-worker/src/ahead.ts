/** Works one step ahead of whoever reads, so that reading and storing go on at the same time. */
export async function* ahead<T>(
  source: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  const advance = () => {
    const step = source.next();
    // Its error is thrown when it is waited for; until then it must not count as unhandled.
    step.catch(() => {});
    return step;
  };
  let coming = advance();
  try {
    for (;;) {
      const step = await coming;
      if (step.done) return;
      coming = advance();
      yield step.value;
    }
  } finally {
    await coming.catch(() => {});
    await source.return();
  }
}
