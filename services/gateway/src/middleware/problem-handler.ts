import { type Clock, problems } from '@spindle/service-kit';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { sendProblem, toProblemError } from '../problem-answer.ts';
import { refuseRest } from '../refuse-rest.ts';
import { requestId } from './request-log.ts';

/** Whatever no route answered. */
export const notFound: RequestHandler = () => {
  throw problems.notFound('There is nothing at this address.');
};

/** Everything that was thrown ends here, as a problem document. */
export function problemHandler(clock: Clock): ErrorRequestHandler {
  return (thrown, request, response, _next) => {
    const error = toProblemError(thrown, clock.nowMs());
    if (error.status >= 500)
      request.log.error({ err: error.cause ?? thrown, code: error.code }, 'a request failed');
    else request.log.debug({ code: error.code, detail: error.detail }, 'a request was refused');
    // Half an answer is on its way: the caller must see that it is broken.
    if (response.headersSent) response.destroy();
    else {
      refuseRest(request, response);
      sendProblem(response, error, requestId(request));
    }
  };
}
