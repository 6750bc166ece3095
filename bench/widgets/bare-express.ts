import { readFileSync } from 'node:fs';
import express from 'express';

// A bare Express handler that returns the bytes of a file, or 304 to who has them, for comparison.
// Arguments: port, file, media type.

const [, , port = '0', file = '', type = 'text/plain'] = process.argv;
const body = readFileSync(file, 'utf8');
const app = express();
// Express hashes every answer for its tag and compares it: what it does by default.
app.get('/card', (_request, response) => {
  response.type(type).send(body);
});
app.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
