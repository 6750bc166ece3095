import { notFound } from '../api-error.ts';
import { type Endpoint, json } from '../endpoint.ts';
import { privateUser, publicUser } from '../wire/user-object.ts';

export const profileEndpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/v1/me',
    handle: ({ wire, person, scopes }) => json(privateUser(wire, person(), scopes)),
  },
  {
    method: 'get',
    path: '/v1/users/:id',
    removedInDevelopment: true,
    handle: ({ wire, world, request }) => {
      const person = world.people.find(String(request.params.id));
      if (!person) throw notFound();
      return json({
        ...publicUser(wire, person),
        followers: { href: null, total: person.users.size },
      });
    },
  },
];
