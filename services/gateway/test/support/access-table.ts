/** Who walks through the operations. */
export const CALLERS = [
  /** Without any credential. */
  'nobody',
  /** Bob, in his browser: everything named is Ann's, what is not named is his own. */
  'other',
  /** Ann, in her browser. */
  'owner',
  /** Ada, the admin, in her browser. */
  'admin',
  /** Personal tokens of Ann's, by scope. */
  'read',
  'write',
  'scrobble',
  /** Somebody who joined Ann's room by a nickname, with the token of that. */
  'guest',
  /** A guest of another room. */
  'stranger',
  /** The JWT of the admin password, and that of a service client. */
  'operator',
  'service',
  /** The cron secret. */
  'cron',
] as const;
export type CallerName = (typeof CALLERS)[number];

/** What each of them is answered. */
export const ACCESS = `
operation                                           nobody   other    owner    admin    read     write    scrobble guest    stranger operator service  cron
POST   /1/submit-listens                            401      200      200      200      403      403      200      401      401      403      403      403
GET    /1/validate-token                            400      400      400      400      200      200      200      200      200      200      200      400
GET    /api/admin/actions                           401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/alerts                            401      403      403      200      403      403      403      401      401      200      403      403
POST   /api/admin/alerts/test                       401      403      403      202      403      403      403      401      401      202      403      403
GET    /api/admin/apps                              401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/doctor                            401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/failures                          401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/invitations                       401      403      403      200      403      403      403      401      401      200      403      403
POST   /api/admin/invitations                       401      403      403      201      403      403      403      401      401      201      403      403
DELETE /api/admin/invitations/{id}                  401      403      403      204      403      403      403      401      401      204      403      403
GET    /api/admin/overview                          401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/queues                            401      403      403      200      403      403      403      401      401      200      403      403
PATCH  /api/admin/queues/{queue}                    401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/queues/{queue}/failed             401      403      403      200      403      403      403      401      401      200      403      403
POST   /api/admin/queues/{queue}/failed/drop        401      403      403      200      403      403      403      401      401      200      403      403
POST   /api/admin/queues/{queue}/failed/retry       401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/quota                             401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/settings                          401      403      403      200      403      403      403      401      401      200      403      403
PATCH  /api/admin/settings                          401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/shuffles/failures                 401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/shuffles/recent                   401      403      403      200      403      403      403      401      401      200      403      403
GET    /api/admin/users                             401      403      403      200      403      403      403      401      401      200      403      403
PATCH  /api/admin/users/{id}                        401      403      403      200      403      403      403      401      401      200      403      403
DELETE /api/admin/users/{id}                        401      403      403      202      403      403      403      401      401      202      403      403
POST   /api/admin/users/{id}/sign-out               401      403      403      204      403      403      403      401      401      204      403      403
GET    /api/albums/{id}                             401      404      200      404      200      403      403      401      401      403      403      403
GET    /api/artist-aliases                          401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/artist-aliases                          401      404      201      404      403      201      403      401      401      403      403      403
DELETE /api/artist-aliases/{id}                     401      404      204      404      403      204      403      401      401      403      403      403
GET    /api/artists/{id}                            401      404      200      404      200      403      403      401      401      403      403      403
GET    /api/cron/sync-spotify                       401      403      403      403      403      403      403      401      401      403      403      200
POST   /api/cron/sync-spotify                       401      403      403      403      403      403      403      401      401      403      403      200
GET    /api/exclusions                              401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/exclusions                              401      201      201      201      403      201      403      401      401      403      403      403
DELETE /api/exclusions/{id}                         401      404      204      404      403      204      403      401      401      403      403      403
GET    /api/export/plays                            401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/favorites                               401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/feed                                    200      200      200      200      200      200      200      200      200      200      200      200
GET    /api/imports                                 401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/imports                                 401      202      202      202      403      202      403      401      401      403      403      403
GET    /api/imports/{id}                            401      404      200      404      200      403      403      401      401      403      403      403
DELETE /api/imports/{id}                            401      404      200      404      403      200      403      401      401      403      403      403
GET    /api/imports/{id}/report                     401      404      200      404      200      403      403      401      401      403      403      403
GET    /api/instance                                200      200      200      200      200      200      200      200      200      200      200      200
POST   /api/invitations/open                        200      200      200      200      200      200      200      200      200      200      200      200
GET    /api/jobs/{id}                               401      404      200      404      200      403      403      401      401      403      403      403
GET    /api/library/export                          401      404      409      404      409      403      403      401      401      403      403      403
GET    /api/library/findings                        401      404      200      404      200      403      403      401      401      403      403      403
POST   /api/library/read                            401      202      202      202      403      202      403      401      401      403      403      403
GET    /api/merges                                  401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/merges                                  401      404      201      404      403      201      403      401      401      403      403      403
GET    /api/merges/suggestions                      401      200      200      200      200      403      403      401      401      403      403      403
DELETE /api/merges/{id}                             401      404      204      404      403      204      403      401      401      403      403      403
GET    /api/notices                                 401      200      200      200      200      403      403      401      401      403      403      403
PUT    /api/notices                                 401      200      200      200      403      200      403      401      401      403      403      403
DELETE /api/notices                                 401      404      204      404      403      204      403      401      401      403      403      403
POST   /api/notices/test                            401      404      202      404      403      202      403      401      401      403      403      403
GET    /api/now-playing                             200      200      200      200      200      200      200      200      200      200      200      200
GET    /api/now-playing.svg                         200      200      200      200      200      200      200      200      200      200      200      200
DELETE /api/playlist/delete                         401      202      202      202      403      202      403      401      401      403      403      403
GET    /api/playlist/me                             401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/playlist/read                           401      202      202      202      403      202      403      401      401      403      403      403
POST   /api/playlist/restore                        401      202      202      202      403      202      403      401      401      403      403      403
GET    /api/playlist/schedules                      401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/playlist/schedules                      401      201      201      201      403      201      403      401      401      403      403      403
PATCH  /api/playlist/schedules/{id}                 401      404      200      404      403      200      403      401      401      403      403      403
DELETE /api/playlist/schedules/{id}                 401      404      204      404      403      204      403      401      401      403      403      403
POST   /api/playlist/schedules/{id}/run             401      404      202      404      403      202      403      401      401      403      403      403
POST   /api/playlist/share/liked-tracks             401      202      202      202      403      202      403      401      401      403      403      403
POST   /api/playlist/shuffle                        401      202      202      202      403      202      403      401      401      403      403      403
POST   /api/playlist/shuffle/estimate               401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/plays                                   401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/plays/changes                           401      200      200      200      403      200      403      401      401      403      403      403
DELETE /api/plays/{id}                              401      404      204      404      403      204      403      401      401      403      403      403
GET    /api/relay                                   401      200      200      200      200      403      403      401      401      403      403      403
PUT    /api/relay                                   401      200      200      200      403      200      403      401      401      403      403      403
DELETE /api/relay                                   401      404      204      404      403      204      403      401      401      403      403      403
GET    /api/search                                  401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/session                                 200      200      200      200      200      200      200      401      401      200      200      200
POST   /api/spotify/auth/code                       403      403      403      403      403      403      403      403      403      403      403      403
GET    /api/spotify/auth/login                      200      200      200      200      200      200      200      200      200      200      200      200
POST   /api/spotify/auth/logout                     204      204      204      204      204      204      204      204      204      204      204      204
GET    /api/statistics/overall                      200      200      200      200      200      200      200      200      200      200      200      200
GET    /api/stats/clock                             401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/compare                           401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/discoveries                       401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/sessions                          401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/streaks                           401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/summary                           401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/timeline                          401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/stats/top/tracks/playlist               401      422      422      422      403      422      403      401      401      403      403      403
GET    /api/stats/top/{kind}                        401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/wrapped/{year}                    401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/stats/wrapped/{year}/card.svg           401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/tokens                                  401      200      200      200      403      403      403      401      401      403      403      403
POST   /api/tokens                                  401      201      201      201      403      403      403      401      401      403      403      403
DELETE /api/tokens/{id}                             401      404      204      404      403      403      403      401      401      403      403      403
GET    /api/trackers/update                         401      403      403      403      403      403      403      401      401      202      202      202
POST   /api/trackers/update                         401      403      403      403      403      403      403      401      401      202      202      202
GET    /api/tracks/{id}                             401      404      200      404      200      403      403      401      401      403      403      403
GET    /api/user                                    401      200      200      200      200      403      403      401      401      403      403      403
PATCH  /api/user                                    401      200      200      200      403      200      403      401      401      403      403      403
DELETE /api/user                                    401      202      202      409      403      202      403      401      401      403      403      403
GET    /api/user/aggregate                          401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/user/analysis                           401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/user/analysis                           401      202      202      202      403      202      403      401      401      403      403      403
GET    /api/user/export                             401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/user/now-playing                        401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/user/save                               401      202      202      202      403      202      403      401      401      403      403      403
PUT    /api/user/save                               401      202      202      202      403      202      403      401      401      403      403      403
GET    /api/user/shuffle/recent                     401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/user/tracker                            401      200      200      200      200      403      403      401      401      403      403      403
GET    /api/users/{handle}                          404      404      404      404      404      404      404      404      404      404      404      404
GET    /api/users/{handle}/now-playing              404      404      404      404      404      404      404      404      404      404      404      404
GET    /api/users/{handle}/plays                    404      404      404      404      404      404      404      404      404      404      404      404
GET    /api/users/{handle}/stats/clock              404      404      404      404      404      404      404      404      404      404      404      404
GET    /api/users/{handle}/stats/summary            404      404      404      404      404      404      404      404      404      404      404      404
GET    /api/users/{handle}/stats/timeline           404      404      404      404      404      404      404      404      404      404      404      404
GET    /api/users/{handle}/stats/top/{kind}         404      404      404      404      404      404      404      404      404      404      404      404
GET    /api/users/{handle}/{kind}.svg               200      200      200      200      200      200      200      200      200      200      200      200
GET    /api/widgets                                 401      200      200      200      200      403      403      401      401      403      403      403
POST   /api/widgets                                 401      201      201      201      403      201      403      401      401      403      403      403
DELETE /api/widgets/{id}                            401      404      204      404      403      204      403      401      401      403      403      403
GET    /api/widgets/{key}/now-playing               200      200      200      200      200      200      200      200      200      200      200      200
GET    /api/widgets/{key}/{kind}.svg                200      200      200      200      200      200      200      200      200      200      200      200
GET    /auth/callback                               403      403      403      403      403      403      403      403      403      403      403      403
GET    /auth/login                                  302      302      302      302      302      302      302      302      302      302      302      302
POST   /auth/logout                                 204      204      204      204      204      204      204      204      204      204      204      204
GET    /auth/operator/callback                      404      404      404      404      404      404      404      404      404      404      404      404
GET    /auth/operator/login                         404      404      404      404      404      404      404      404      404      404      404      404
POST   /auth/operator/password                      204      204      204      204      204      204      204      204      204      204      204      204
GET    /dashboard/grid                              200      200      200      200      200      200      200      200      200      200      200      200
GET    /dashboard/grid.svg                          200      200      200      200      200      200      200      200      200      200      200      200
GET    /dashboard/today                             401      200      200      200      200      403      403      401      401      403      403      403
GET    /embed/{key}/{kind}                          200      200      200      200      200      200      200      200      200      200      200      200
GET    /feed                                        200      200      200      200      200      200      200      200      200      200      200      200
GET    /healthz                                     200      200      200      200      200      200      200      200      200      200      200      200
GET    /oembed                                      200      200      200      200      200      200      200      200      200      200      200      200
GET    /readyz                                      200      200      200      200      200      200      200      200      200      200      200      200
GET    /rooms                                       401      200      200      200      200      403      403      401      401      403      403      403
POST   /rooms                                       401      201      201      201      403      201      403      401      401      403      403      403
GET    /rooms/{code}                                200      200      200      200      200      403      403      200      200      200      200      200
PATCH  /rooms/{code}                                403      403      200      403      403      200      403      403      403      403      403      403
DELETE /rooms/{code}                                403      403      204      403      403      204      403      403      403      403      403      403
POST   /rooms/{code}/device                         403      403      202      403      403      202      403      403      403      403      403      403
POST   /rooms/{code}/devices                        403      403      202      403      403      202      403      403      403      403      403      403
POST   /rooms/{code}/hand-over                      403      403      422      403      403      422      403      403      403      403      403      403
POST   /rooms/{code}/join                           200      200      200      200      403      200      403      200      200      200      200      200
POST   /rooms/{code}/leave                          403      403      422      403      403      422      403      204      403      403      403      403
GET    /rooms/{code}/next-track                     403      403      200      403      200      403      403      200      403      403      403      403
GET    /rooms/{code}/participants                   403      403      200      403      200      403      403      200      403      403      403      403
DELETE /rooms/{code}/participants/{id}              403      403      204      403      403      204      403      403      403      403      403      403
POST   /rooms/{code}/pause                          403      403      202      403      403      202      403      403      403      403      403      403
POST   /rooms/{code}/play                           403      403      202      403      403      202      403      403      403      403      403      403
POST   /rooms/{code}/playlist                       403      403      422      403      403      422      403      403      403      403      403      403
GET    /rooms/{code}/random-track                   403      403      200      403      200      403      403      200      403      403      403      403
GET    /rooms/{code}/results                        403      403      200      403      200      403      403      200      403      403      403      403
POST   /rooms/{code}/resume                         403      403      202      403      403      202      403      403      403      403      403      403
GET    /rooms/{code}/search                         403      403      200      403      200      403      403      200      403      403      403      403
POST   /rooms/{code}/skip                           403      403      202      403      403      202      403      403      403      403      403      403
POST   /rooms/{code}/skip-vote                      403      403      422      403      403      422      403      422      403      403      403      403
GET    /rooms/{code}/state                          403      403      200      403      200      403      403      200      403      403      403      403
POST   /rooms/{code}/tracks                         403      403      201      403      403      201      403      201      403      403      403      403
DELETE /rooms/{code}/tracks/{id}                    403      403      204      403      403      204      403      403      403      403      403      403
POST   /rooms/{code}/volume                         403      403      202      403      403      202      403      403      403      403      403      403
POST   /rooms/{code}/vote                           403      403      200      403      403      200      403      200      403      403      403      403
GET    /share                                       401      200      200      200      200      403      403      401      401      403      403      403
POST   /share/start                                 401      200      200      200      403      200      403      401      401      403      403      403
POST   /share/stop                                  401      200      200      200      403      200      403      401      401      403      403      403
GET    /spotify/authorize                           200      200      200      200      200      200      200      200      200      200      200      200
GET    /spotify/callback                            403      403      403      403      403      403      403      403      403      403      403      403
GET    /spotify/now-playing                         200      200      200      200      200      200      200      200      200      200      200      200
GET    /spotify/now-playing.svg                     200      200      200      200      200      200      200      200      200      200      200      200
POST   /spotify/poll/current-playback               401      202      202      202      403      202      403      401      401      403      403      403
POST   /spotify/poll/recently-played                401      202      202      202      403      202      403      401      401      403      403      403
POST   /spotify/sync-favorites                      401      202      202      202      403      202      403      401      401      403      403      403
POST   /spotify/sync-metadata                       401      202      202      202      403      202      403      401      401      403      403      403
POST   /tasks/update-playing                        401      403      403      403      403      403      403      401      401      403      403      202
POST   /token                                       200      200      200      200      200      200      200      200      200      200      200      200
`;
