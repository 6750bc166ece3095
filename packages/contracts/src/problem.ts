import { z } from 'zod';

/** One invalid input: where it stood (`body.name`, `query.limit`) and what was wrong. */
export const problemErrorSchema = z.object({ path: z.string(), message: z.string() });

/** RFC 9457 problem document, the body of every error answer. */
export const problemSchema = z.object({
  /** Stable address of the kind of problem, such as `/problems/not-connected`. */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** What happened this time, in words for a person. */
  detail: z.string().optional(),
  /** The request id, to be quoted to the operator. */
  instance: z.string().optional(),
  errors: z.array(problemErrorSchema).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
