import { useSession } from '../session.tsx';
import { dayOf } from '../time-words.ts';

/** Today in the listener's own calendar, `YYYY-MM-DD`. */
export function useToday(): string {
  const { user } = useSession();
  return dayOf(new Date().toISOString(), user.timeZone);
}
