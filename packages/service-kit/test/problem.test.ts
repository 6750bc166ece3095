import { describe, expect, it } from '@jest/globals';
import { AppError, problems, toAppError } from '../src/index.ts';

describe('toAppError', () => {
  it.each([new Error('SELECT secret'), 'text', null, undefined, { status: 200 }])(
    'tells nothing of %p',
    (thrown) => {
      const error = toAppError(thrown);
      expect(error).toMatchObject({
        status: 500,
        code: 'internal',
        detail: 'The error was recorded. Please try again.',
      });
      expect(error.cause).toBe(thrown);
    },
  );

  it('keeps a problem as it is', () => {
    const problem = problems.notFound('There is no such play.', { code: 'play-not-found' });
    expect(toAppError(problem)).toBe(problem);
    expect(problem).toBeInstanceOf(AppError);
    expect(problem).toMatchObject({ status: 404, code: 'play-not-found', title: 'Not found', errors: [] });
  });
});
