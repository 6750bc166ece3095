/** Somebody agrees on the consent page, as its own form does. */
export interface Approval {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly personId: string;
}

/**
 * Lets a person of the sandbox consent, and answers the code that the app gets for it.
 *
 * @param accountsUrl of the sandbox
 * @throws Error when the person is not let in
 */
export async function approveConsent(accountsUrl: string, approval: Approval): Promise<string> {
  const { clientId, redirectUri, scopes, personId } = approval;
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state: 'approved',
  });
  const answer = await fetch(`${accountsUrl}/authorize?${query}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ person: personId, decision: 'approve' }),
  });
  const code = new URL(answer.headers.get('location') ?? 'error:').searchParams.get('code');
  if (!code) throw new Error(`the sandbox did not let ${personId} in: ${answer.status}`);
  return code;
}
