import { notifications } from '@mantine/notifications';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { describeError, queryKeys } from '../api.ts';
import { STATISTICS } from '../statistics/queries.ts';

/** All queries of what was corrected. */
export const CORRECTIONS = 'corrections';

/** A change of what counts: afterwards plays, figures and the lists of corrections are read anew. */
export function useCorrection<Input, Output>(
  change: (input: Input) => Promise<Output>,
  done?: (output: Output) => void,
): UseMutationResult<Output, Error, Input> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (output) => {
      for (const queryKey of [[STATISTICS], [CORRECTIONS], queryKeys.plays, queryKeys.user])
        void queries.invalidateQueries({ queryKey });
      done?.(output);
    },
    onError: (error) => {
      const { title, detail } = describeError(error);
      notifications.show({ color: 'red', title, message: detail });
    },
  });
}
