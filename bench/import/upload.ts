import { openAsBlob } from 'node:fs';

/** Sends the file as a browser or a script does. Answers the id of the import. */
export async function upload(origin: string, token: string, file: string): Promise<number> {
  const body = new FormData();
  body.set('file', await openAsBlob(file), 'my_spotify_data.zip');
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${origin}/api/imports`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`The gateway answered ${answer.status}: ${text}`);
  const accepted: { import: { id: string } } = JSON.parse(text);
  return Number(accepted.import.id);
}
