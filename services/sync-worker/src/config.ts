import { defineConfig, topics } from '@spindle/service-kit';
import { workerTopics } from '@spindle/worker-kit';

export const readConfig = defineConfig({
  ...workerTopics,
  vault: topics.vault,
  spotify: topics.spotify,
  relay: topics.relay,
  links: topics.links,
  alerts: topics.alerts,
});
