/** Exit status of everything that keeps vrrpwatch from a verdict (monitoring-plugins: UNKNOWN). */
export const EXIT_UNKNOWN = 3;

/** Something the user can put right: printed as `vrrpwatch: message`, the hint on a line of its own; exit 3. */
export class UserError extends Error {
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.name = 'UserError';
    this.hint = hint;
  }
}

/** Told by its name: what is loaded only when it is asked for has a class of its own. */
export function isUserError(error: unknown): error is UserError {
  return error instanceof Error && error.name === 'UserError';
}
