import { defineConfig, topics } from '@spindle/service-kit';

export const readConfig = defineConfig({ base: topics.base, ops: topics.ops, redis: topics.redis });
