import { resolve } from 'node:path';
import { writeSecretFiles } from './secret-files.ts';

const folder = resolve(process.argv[2] ?? 'secrets');
const { made, password } = writeSecretFiles(folder);
console.log(
  made.length === 0 ? `${folder} has every secret already.` : `Made in ${folder}: ${made.join(', ')}.`,
);
if (password !== null) console.log(`Admin password for POST /token, shown only now: ${password}`);
console.log('Keep a copy of the folder: without token_keys every listener has to connect to Spotify again.');
