import type { ServiceClient } from '@spindle/service-kit';
import { compare } from 'bcryptjs';

/** The bcrypt hash of nothing anybody knows; compared with when there is no right one, to take as long. */
const NOBODY = '$2b$12$C6UzMDM.H6dfI/f/IKcEeO7yJp2bxmYg9vIYYw1w5Gm8H1UTWVJ4K';

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
  const matches = await compare(presented.secret, client?.secretHash ?? NOBODY);
  return matches && client !== undefined;
}
