import { notifications } from '@mantine/notifications';
import { describeError } from '../api.ts';

/** Says in a corner what went wrong with something that has no place of its own on the page. */
export function reportFailure(error: unknown): void {
  const { title, detail } = describeError(error);
  notifications.show({ color: 'red', title, message: detail });
}
