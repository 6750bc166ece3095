import '@spindle/secrets/main';
