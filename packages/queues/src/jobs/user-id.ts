import { z } from 'zod';

/** `users.id` */
export const userIdSchema = z.int().positive();
