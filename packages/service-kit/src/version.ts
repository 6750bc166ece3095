/** The version of the API and of the instance; follows package.json (a test watches). */
export const VERSION = '0.1.0';
