import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const gateway = process.env.GATEWAY_URL ?? 'http://127.0.0.1:4680';
const API = [
  '/api',
  '/auth',
  '/spotify',
  '/share',
  '/rooms',
  '/token',
  '/docs',
  '/openapi.json',
  '/admin/queues',
];

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    // The content security policy of the gateway allows no inline scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      ...Object.fromEntries(API.map((path) => [path, gateway])),
      '/socket.io': { target: gateway, ws: true },
    },
  },
});
