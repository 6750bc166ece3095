import { Router } from 'express';
import type { World } from '../world.ts';
import { drawCover } from './cover-art.ts';
import { parseImageId } from './image-address.ts';

/** So many pictures are kept at hand. */
const KEPT = 400;

/** `/image/{id}`: the pictures that answers point at. Covers that people uploaded are under `/image/upload/{playlist}`. */
export function imageRouter(world: World): Router {
  const router = Router();
  const drawn = new Map<string, Buffer>();
  router.get('/image/upload/:playlist/:revision', (request, response) => {
    const cover = world.playlists.find(String(request.params.playlist))?.cover;
    if (!cover) return void response.sendStatus(404);
    response.type('image/jpeg').send(cover);
  });
  router.get('/image/:id', (request, response) => {
    const id = String(request.params.id);
    const named = parseImageId(id);
    if (!named) return void response.sendStatus(404);
    let picture = drawn.get(id);
    if (!picture) {
      picture = drawCover(named.kind, named.key, named.size);
      if (drawn.size >= KEPT) drawn.delete(drawn.keys().next().value ?? '');
      drawn.set(id, picture);
    }
    response.set('Cache-Control', 'public, max-age=31536000').type('png').send(picture);
  });
  return router;
}
