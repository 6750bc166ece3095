/** A file, or an entry of a zip, that cannot be imported. The message is for the person who uploaded it. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}
