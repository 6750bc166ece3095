import { getUser, type UserView } from '@spindle/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { api, isDisabled, isSignedOut, queryKeys } from './api.ts';
import { Live } from './live.ts';

interface Session {
  readonly user: UserView;
  readonly live: Live | null;
}

const SessionContext = createContext<Session | null>(null);

/** Whoever is signed in; only inside pages that need it. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('this page needs a signed-in listener');
  return session;
}

/** Whoever is signed in, on pages that visitors see too; null for those. */
export function useSessionOfAnybody(): Session | null {
  return useContext(SessionContext);
}

/** The signed-in listener and their socket for the pages below, or what a visitor sees. */
export function SessionProvider(props: {
  readonly children: ReactNode;
  readonly visitor: ReactNode;
  /** What somebody sees whose account an admin has shut. */
  readonly disabled: (error: unknown) => ReactNode;
  readonly waiting: ReactNode;
  readonly failed: (error: unknown, retry: () => void) => ReactNode;
}): ReactNode {
  const queries = useQueryClient();
  const {
    data: user,
    error,
    refetch,
  } = useQuery({
    queryKey: queryKeys.user,
    queryFn: ({ signal }) => api.call(getUser, {}, { signal }),
  });
  const [live, setLive] = useState<Live | null>(null);
  const handle = user?.handle;
  useEffect(() => {
    if (handle === undefined) return;
    const socket = new Live(queries, handle);
    setLive(socket);
    return () => socket.close();
  }, [queries, handle]);

  if (error && isDisabled(error)) return props.disabled(error);
  if (error && isSignedOut(error)) return props.visitor;
  if (user) return <SessionContext value={{ user, live }}>{props.children}</SessionContext>;
  return error ? props.failed(error, () => void refetch()) : props.waiting;
}
