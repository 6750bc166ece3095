// The health check of a container, which has no other HTTP client: asks this process's own port for
// /readyz, or for the path that is given, and ends with 0 when the answer is 200.
const port = process.env.OPS_PORT ?? process.env.PORT;
const path = process.argv[2] ?? '/readyz';
const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4_000) }).catch(
  (error: unknown) => ({ ok: false, status: String(error), text: async () => '' }),
);
if (!answer.ok) {
  // Docker keeps what a failed check says: which part is not there.
  console.error(`${path}: ${answer.status} ${await answer.text()}`);
  process.exitCode = 1;
}

export {};
