/** For queries over users `u`: those for whom something may be done or shown, neither shut out nor leaving. */
export const ACTIVE = 'u.erasing_at IS NULL AND u.disabled_at IS NULL';
