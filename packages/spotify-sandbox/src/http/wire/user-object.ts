import { imagesOf } from '../../artwork/image-address.ts';
import type { Person } from '../../people/person.ts';
import type { WireObjects } from './wire-objects.ts';

/** Somebody as others see them. */
export function publicUser(
  wire: WireObjects,
  person: { id: string; displayName: string; imageKey?: string },
): Record<string, unknown> {
  return {
    display_name: person.displayName,
    external_urls: wire.links('user', person.id),
    href: wire.href(`users/${person.id}`),
    id: person.id,
    images: person.imageKey === undefined ? [] : imagesOf(wire.origin, 'user', person.imageKey),
    type: 'user',
    uri: `spotify:user:${person.id}`,
  };
}

/** The person's own profile; the older rules add what the scopes admit. */
export function privateUser(
  wire: WireObjects,
  person: Person,
  scopes: ReadonlySet<string>,
): Record<string, unknown> {
  return {
    ...publicUser(wire, person),
    account_id: person.accountId,
    ...(wire.extended && {
      followers: { href: null, total: person.users.size },
      ...(scopes.has('user-read-private') && {
        country: person.country,
        product: person.product,
        explicit_content: { filter_enabled: false, filter_locked: false },
      }),
      ...(scopes.has('user-read-email') && { email: person.email }),
    }),
  };
}
