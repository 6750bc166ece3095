export { integrationPreset as default } from '../../jest.preset.mjs';
