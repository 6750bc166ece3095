import type { RequestHandler } from 'express';
import { sendPage } from './page.ts';

/** What each kind of problem means, for whoever follows its address. */
const PROBLEMS: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  validation: {
    title: 'The request is not valid',
    text: 'Something in the path, the query or the body is missing, has another form than expected, or is not known. The list "errors" of the answer names each place.',
  },
  'malformed-json': {
    title: 'The body is not valid JSON',
    text: 'The body could not be read as JSON at all.',
  },
  unauthenticated: {
    title: 'Sign in first',
    text: 'The endpoint answers only somebody it knows: sign in with Spotify, or send an API token as "Authorization: Bearer …".',
  },
  'wrong-credential': {
    title: 'The credential is not good',
    text: 'The token or secret is wrong, has expired, or was revoked.',
  },
  forbidden: { title: 'Not allowed', text: 'You are known, but this is not for you.' },
  'cross-site': {
    title: 'The request came from another site',
    text: 'A browser session may be changed only from the pages of this instance, or of the origins that its operator has listed.',
  },
  'missing-scope': {
    title: 'The API token may not do this',
    text: 'Make a token that has the scope which the answer names.',
  },
  'needs-session': {
    title: 'Only in the browser',
    text: 'API tokens cannot do this; sign in with Spotify instead.',
  },
  'not-found': { title: 'Not found', text: 'There is no such thing, or it is somebody else’s.' },
  'method-not-allowed': {
    title: 'Method not allowed',
    text: 'The header "Allow" names what is possible at this address.',
  },
  'too-large': {
    title: 'Too large',
    text: 'Bodies may have 1 MB; files of an import have a limit of their own.',
  },
  'headers-too-large': {
    title: 'Headers too large',
    text: 'The address and the headers of a request may have 16 kB together.',
  },
  'malformed-request': { title: 'No HTTP request', text: 'What arrived could not be read as HTTP.' },
  'too-slow': { title: 'Too slow', text: 'The request did not arrive in time.' },
  expectation: {
    title: 'Expectation not met',
    text: 'Of the header "Expect" only 100-continue is understood.',
  },
  'unsupported-media-type': {
    title: 'Unsupported media type',
    text: 'The body must be of the type that the endpoint documents.',
  },
  'too-many-requests': {
    title: 'Too many requests',
    text: 'The header "Retry-After" says how many seconds to wait; the headers "RateLimit-…" show what is left.',
  },
  'idempotency-key-reused': {
    title: 'The Idempotency-Key was used before',
    text: 'The same key came with another request. A key stands for one request; use a new one.',
  },
  'not-read': {
    title: 'It was not read yet',
    text: 'Nothing is stored of what was asked for. Read it from Spotify first (POST /api/library/read), then ask again.',
  },
  'handle-taken': {
    title: 'The handle is taken',
    text: 'Somebody else on this instance has it. Choose another.',
  },
  'consent-declined': {
    title: 'The access was not allowed',
    text: 'On the page of Spotify the access was refused. Nothing was stored; sign in again to try once more.',
  },
  'sign-in-state': {
    title: 'The sign-in cannot be finished',
    text: 'It was started in another browser, is older than ten minutes, or was finished already. Start it again.',
  },
  'sign-in-code': {
    title: 'The code was refused',
    text: 'Spotify takes each code once and only for some minutes. Sign in again.',
  },
  'not-allow-listed': {
    title: 'Spotify does not know you as a user of the app',
    text: 'Apps in development mode answer five people at most. The operator adds your name and Spotify e-mail under User Management in the Spotify dashboard.',
  },
  'owner-not-premium': {
    title: 'Spotify refuses the whole app',
    text: 'The account that owns the app has no active Premium subscription. Spotify answers again some hours after it is renewed.',
  },
  'reauth-needed': {
    title: 'Sign in with Spotify again',
    text: 'Spotify ends each consent after six months, or when you withdraw it.',
  },
  'empty-list': {
    title: 'The list is empty',
    text: 'There is nothing in it that Spotify could put into a playlist. Choose another period.',
  },
  'quota-short': {
    title: 'Spotify allows too few calls now',
    text: 'The answer says how many it takes, how many there are, and when they suffice. With "evenIfShort": true it begins all the same, waits for Spotify, and goes on by itself.',
  },
  'foreign-playlist': {
    title: 'The playlist belongs to somebody else',
    text: 'Spotify lets only the owner of a playlist and those who edit it see what is in it. Copy its songs into a playlist of your own, and use that one.',
  },
  'empty-source': { title: 'The source is empty', text: 'The playlist, or Liked Songs, has no songs.' },
  'source-gone': {
    title: 'The source is gone',
    text: 'Spotify knows no such playlist, or not any more.',
  },
  'nothing-left': {
    title: 'Nothing is left to write',
    text: 'The filters left out everything that Spotify plays of the source. The detail counts why.',
  },
  'nothing-to-write': {
    title: 'Spotify takes none of it',
    text: 'The list holds nothing that Spotify could put into a playlist.',
  },
  'too-long': {
    title: 'The list is too long for one playlist',
    text: 'A playlist holds 10,000 items. Ask for "overflow": "split" (several playlists) or "cut" (the first 10,000), or set a limit.',
  },
  'too-many-schedules': {
    title: 'There are as many schedules as there can be',
    text: 'Delete one that is no longer needed.',
  },
  'no-such-room': {
    title: 'There is no such room',
    text: 'No party room has this code. Codes have six letters and digits; too many wrong ones from one address are refused for a while.',
  },
  'not-joined': { title: 'Join the room first', text: 'Only who has joined a party room takes part in it.' },
  banned: { title: 'Sent out for good', text: 'The host of the room has banned you from it.' },
  'room-ended': {
    title: 'The room has ended',
    text: 'What it played can still be seen by those who were there; nothing in it changes any more.',
  },
  'not-host': {
    title: 'Only the host can do this',
    text: 'Ask the host of the room, or have it handed over.',
  },
  'host-stays': {
    title: 'A host cannot leave',
    text: 'The music comes from the host’s player. Hand the room over to somebody who signed in with Spotify, or end it.',
  },
  refused: {
    title: 'The host does not allow it',
    text: 'The detail of the answer says which of the room’s rules is against it.',
  },
  nickname: {
    title: 'Choose another name',
    text: 'A nickname has 1 to 24 visible characters, is not the name of the host, and is fit for a party.',
  },
  'name-taken': { title: 'The name is taken', text: 'Somebody in the room has it. Choose another.' },
  'listeners-only': {
    title: 'Only with Spotify',
    text: 'This is for those in the room who signed in with Spotify.',
  },
  'room-full': { title: 'The room is full', text: 'As many people have joined as a room holds.' },
  'no-such-track': {
    title: 'There is no such track',
    text: 'It does not wait in the room, or Spotify does not know it.',
  },
  'not-waiting': {
    title: 'It does not wait any more',
    text: 'It plays, was played, or Spotify was told already to play it next.',
  },
  'no-such-participant': { title: 'There is nobody of this id', text: 'Nobody in the room has it.' },
  'not-a-listener': {
    title: 'Not signed in with Spotify',
    text: 'A host needs a player of Spotify’s: only who signed in with it can be one.',
  },
  'nothing-plays': { title: 'Nothing plays', text: 'No track of the room plays at the moment.' },
  wait: { title: 'Not yet', text: 'Spotify takes its time, or asks to wait. Try again in a moment.' },
  'registration-closed': { title: 'Nobody new', text: 'The operator has closed the registration.' },
  'invitation-needed': {
    title: 'By invitation',
    text: 'The instance takes new people only by a link that one of its admins made. Open the link, then sign in.',
  },
  'invitation-over': {
    title: 'The invitation is good no more',
    text: 'It was used as often as it may be, has run out, or was taken back. Ask for another.',
  },
  'no-such-invitation': {
    title: 'There is no such invitation',
    text: 'The link is not whole, or was never one of this instance.',
  },
  'account-disabled': {
    title: 'The account is disabled',
    text: 'An admin of the instance has shut it. Nothing of it was deleted, and nothing new is captured until it is opened again.',
  },
  'last-admin': {
    title: 'Somebody must look after the instance',
    text: 'The last admin stays one, and stays, while others are here. Make somebody else an admin first.',
  },
  'owner-by-token': {
    title: 'The configuration names the owner',
    text: 'While MY_SPOTIFY_REFRESH_TOKEN is set, its account is the owner.',
  },
  'not-an-operator': {
    title: 'Not an operator',
    text: 'The provider knows you, but the instance does not list you among its operators (OIDC_ADMINS).',
  },
  'operator-refused': {
    title: 'The sign-in cannot be finished',
    text: 'What the provider answered does not belong to a sign-in that was begun here, or is not signed as it should be. Start again.',
  },
  'provider-away': {
    title: 'The provider does not answer',
    text: 'Operators cannot sign in with it at the moment. Listeners are not concerned.',
  },
  'no-such-sign-in': {
    title: 'No such sign-in',
    text: 'The instance is not set up for operators to sign in this way.',
  },
  'queue-unavailable': {
    title: 'Not available right now',
    text: 'The queue does not answer. Nothing was lost; try again in a moment.',
  },
  'sessions-unavailable': {
    title: 'Not available right now',
    text: 'Sign-ins cannot be looked up. Try again in a moment.',
  },
  unavailable: {
    title: 'Not available right now',
    text: 'A part of the system does not answer. Try again in a moment.',
  },
  upstream: { title: 'Spotify did not answer as expected', text: 'Try again in a minute.' },
  internal: {
    title: 'Something went wrong',
    text: 'The error was recorded. Tell the operator the request id, which stands in "instance" and in the header "X-Request-Id".',
  },
};

/** `GET /problems/{slug}`: a problem's `type`, made readable. */
export const problemPage: RequestHandler = (request, response) => {
  const slug = String(request.params.slug);
  const known = Object.hasOwn(PROBLEMS, slug) ? PROBLEMS[slug] : undefined;
  response.setHeader('cache-control', 'public, max-age=3600');
  sendPage(response, known ? 200 : 404, {
    title: known?.title ?? 'A problem',
    paragraphs: [known?.text ?? 'The field "detail" of the answer says what happened.'],
    links: [
      { href: '/docs', text: 'The API' },
      { href: '/', text: 'To the start' },
    ],
  });
};
