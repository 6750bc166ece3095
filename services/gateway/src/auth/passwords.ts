import type { ServiceClient } from '@spindle/service-kit';
import { compare } from 'bcryptjs';

/** Salt and hash of nothing that anybody knows. */
const NOBODY = '$2b$12$C6UzMDM.H6dfI/f/IKcEeO7yJp2bxmYg9vIYYw1w5Gm8H1UTWVJ4K';

/** What is compared with when there is no right hash: as costly as the real ones, so as slow. */
function decoy(sample: string | undefined): string {
  return sample === undefined
    ? NOBODY
    : `${sample.slice(0, '$2b$12$'.length)}${NOBODY.slice('$2b$12$'.length)}`;
}

/** False when no admin password was configured. */
export async function isAdminPassword(presented: string, hash: string | undefined): Promise<boolean> {
  const matches = await compare(presented, hash ?? NOBODY);
  return matches && hash !== undefined;
}

/** False when the client is unknown. */
export async function isServiceClient(
  presented: { readonly id: string; readonly secret: string },
  clients: readonly ServiceClient[],
): Promise<boolean> {
  const client = clients.find((one) => one.id === presented.id);
  const matches = await compare(presented.secret, client?.secretHash ?? decoy(clients[0]?.secretHash));
  return matches && client !== undefined;
}
