import {
  createWidgetLink,
  deleteWidgetLink,
  getEmbed,
  getOembed,
  getOwnerCard,
  getOwnerGrid,
  getUserCard,
  getWidgetCard,
  getWidgetNowPlaying,
  listWidgetLinks,
  parseWidgetQuery,
  WIDGET_KINDS,
  type WidgetKind,
} from '@spindle/contracts';
import {
  createWidgetLink as addLink,
  type CardOwner,
  findCardOwnerByHandle,
  findCardOwnerById,
  findCardOwnerByKey,
  findOwner,
  listWidgetLinks as listLinks,
  loadNowPlaying,
  deleteWidgetLink as removeLink,
  type WidgetLinkRow,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Call, Mount } from '../mount.ts';
import type { CardData, CardNotice } from '../widgets/card-data.ts';
import { createCardSource } from '../widgets/card-source.ts';
import { embedPage, oembedOf } from '../widgets/embed-page.ts';
import { renderNotice } from '../widgets/notice-card.ts';
import { renderCard } from '../widgets/render-card.ts';
import type { MaxAge, WidgetAnswers } from '../widgets/widget-answers.ts';

const MOST_LINKS = 20;
const SVG = 'image/svg+xml; charset=utf-8';

const toView = (row: WidgetLinkRow) => ({
  id: String(row.id),
  name: row.name,
  key: row.key,
  createdAt: row.createdAt.toISOString(),
});

const kindOf = (name: string): WidgetKind | undefined => WIDGET_KINDS.find((kind) => kind === name);

/** What plays changes by the minute, statistics by the play. */
const maxAgeOf = (kind: WidgetKind | undefined): MaxAge =>
  kind === 'now-playing' ? 5 : kind === 'recently-played' ? 20 : 300;

const isNotice = (data: CardData | CardNotice): data is CardNotice => !('user' in data);

export function mountWidgets(mount: Mount, answers: WidgetAnswers, context: GatewayContext): void {
  const { db, clock, logger, config } = context;
  const source = createCardSource(context);

  mount.route(listWidgetLinks, async (_input, { caller }) => ({
    items: (await listLinks(db, listenerId(caller))).map(toView),
  }));

  mount.route(createWidgetLink, async ({ body }, { caller }) => {
    const userId = listenerId(caller);
    if ((await listLinks(db, userId)).length >= MOST_LINKS)
      throw problems.conflict(`There are ${MOST_LINKS} addresses already. Take one back first.`, {
        code: 'too-many-widget-links',
      });
    return toView(await addLink(db, userId, body.name, clock.now()));
  });

  mount.route(deleteWidgetLink, async ({ params }, { caller }) => {
    if (!(await removeLink(db, listenerId(caller), Number(params.id))))
      throw problems.notFound('You have no such address.');
  });

  /** A picture whatever happens: an error page in its place would be a broken image on somebody's page. */
  async function draw(
    { request, requestId }: Call,
    kindName: string,
    find: () => Promise<CardOwner | null>,
  ): Promise<string> {
    const kind = kindOf(kindName);
    const { options, problems: wrong } = parseWidgetQuery(request.query, kind);
    if (!kind)
      return renderNotice(
        { kind: 'bad-options', problems: [`The kind must be one of ${WIDGET_KINDS.join(', ')}.`] },
        options,
      );
    if (wrong.length > 0) return renderNotice({ kind: 'bad-options', problems: wrong }, options);
    try {
      const owner = await find();
      if (!owner) return renderNotice({ kind: 'no-such-user' }, options);
      const data = await source.load(kind, owner, options, requestId);
      return isNotice(data) ? renderNotice(data, options) : renderCard(data, options);
    } catch (error) {
      logger.error({ err: error, requestId }, 'a card could not be drawn');
      return renderNotice({ kind: 'unavailable' }, options);
    }
  }

  const card = (call: Call, kind: string, find: () => Promise<CardOwner | null>): Promise<void> =>
    answers.send(call.request, call.response, { type: SVG, maxAge: maxAgeOf(kindOf(kind)) }, () =>
      draw(call, kind, find),
    );
  const instanceOwner = async () => {
    const id = await findOwner(db);
    return id === null ? null : findCardOwnerById(db.pool, id, clock.now());
  };

  mount.raw(getWidgetCard, ({ params }, call) =>
    card(call, params.kind, () => findCardOwnerByKey(db.pool, params.key, clock.now())),
  );
  mount.raw(getUserCard, ({ params }, call) =>
    card(call, params.kind, () => findCardOwnerByHandle(db.pool, params.handle, clock.now())),
  );
  mount.raw(getOwnerCard, (_input, call) => card(call, 'now-playing', instanceOwner));
  mount.raw(getOwnerGrid, (_input, call) => card(call, 'grid', instanceOwner));

  mount.raw(getWidgetNowPlaying, ({ params }, call) =>
    answers.data(call, async () => {
      const now = clock.now();
      const owner = await findCardOwnerByKey(db.pool, params.key, now);
      const view = owner && (await loadNowPlaying(db.pool, owner.userId, now));
      if (!view) throw problems.notFound('This address was taken back, or never was.');
      return view;
    }),
  );

  mount.raw(getEmbed, async ({ params }, call) => {
    const owner = await findCardOwnerByKey(db.pool, params.key, clock.now());
    const known = kindOf(params.kind);
    await answers.send(
      call.request,
      call.response,
      {
        type: 'text/html; charset=utf-8',
        maxAge: maxAgeOf(known),
        headers: {
          'content-security-policy':
            "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors *",
        },
      },
      async () => embedPage(await draw(call, params.kind, async () => owner), maxAgeOf(known)),
    );
  });

  mount.route(getOembed, async ({ query }) => {
    const found = oembedOf(query, config.web.publicUrl);
    if (!found) throw problems.notFound('This is no address of a card here.');
    return found;
  });
}
