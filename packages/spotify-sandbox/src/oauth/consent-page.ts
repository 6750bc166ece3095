/** Somebody the visitor may be. */
export interface ConsentChoice {
  id: string;
  displayName: string;
  imageUrl: string;
  product: 'premium' | 'free';
  country: string;
  /** Shown under the name: what the person is doing now. */
  remark: string;
  allowed: boolean;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const STYLE = `
:root{color-scheme:light dark;--ground:#f4f2ee;--card:#fff;--ink:#1c1a17;--soft:#6b655c;--line:#e0dbd2;--accent:#5b3df5;--accent-ink:#fff}
@media(prefers-color-scheme:dark){:root{--ground:#14131a;--card:#1f1d28;--ink:#f2f0f7;--soft:#a29db3;--line:#33303f;--accent:#8f7bff;--accent-ink:#14131a}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-radius:1.25rem;padding:2rem;box-shadow:0 1.5rem 4rem #0002}
h1{font-size:1.4rem;line-height:1.25;margin:.25rem 0 .5rem}p{color:var(--soft);margin:.25rem 0 1.25rem}
.tag{display:inline-block;font-size:.75rem;letter-spacing:.04em;text-transform:uppercase;color:var(--soft);border:1px solid var(--line);border-radius:99px;padding:.1rem .7rem}
fieldset{border:0;padding:0;margin:0;min-width:0;display:grid;grid-template-columns:minmax(0,1fr);gap:.5rem}legend{font-weight:600;padding:0;margin-bottom:.5rem}
label{display:flex;gap:.9rem;align-items:center;border:1px solid var(--line);border-radius:.9rem;padding:.6rem .8rem;cursor:pointer}
label:hover,label:has(input:checked){border-color:var(--accent)}label:has(input:focus-visible){outline:2px solid var(--accent);outline-offset:2px}
label img{width:3rem;height:3rem;border-radius:50%;flex:none}label span{flex:1;min-width:0}label b{display:block}label small{color:var(--soft);display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
input[type=radio]{accent-color:var(--accent);width:1.1rem;height:1.1rem;flex:none}
details{margin:1.25rem 0;color:var(--soft)}summary{cursor:pointer}li{overflow-wrap:anywhere}
.row{display:flex;gap:.75rem;margin-top:1.25rem}button{flex:1;font:inherit;font-weight:600;padding:.75rem 1rem;border-radius:99px;border:1px solid var(--line);background:transparent;color:inherit;cursor:pointer}
button[value=approve]{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}button:focus-visible{outline:2px solid var(--accent);outline-offset:3px}`;

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
}

/**
 * The page that asks who one is and whether one agrees. The form posts `person` and `decision` (`approve`, `cancel`)
 * to the same address with the same query.
 */
export function consentPage(asked: {
  appName: string;
  scopes: readonly string[];
  action: string;
  people: readonly ConsentChoice[];
}): string {
  const people = asked.people
    .map(
      (
        person,
        index,
      ) => `<label><input type="radio" name="person" value="${escapeHtml(person.id)}"${index === 0 ? ' checked' : ''} required>
<img src="${escapeHtml(person.imageUrl)}" alt="" width="48" height="48">
<span><b dir="auto">${escapeHtml(person.displayName)}</b><small>${escapeHtml(
        [person.product === 'premium' ? 'Premium' : 'Free', person.country, person.remark].join(' · '),
      )}${person.allowed ? '' : ' · <em>not on this app’s allow-list</em>'}</small></span></label>`,
    )
    .join('\n');
  const scopes = asked.scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('');
  return page(
    `Connect ${asked.appName}`,
    `<span class="tag">Sandbox · nobody here is real</span>
<h1>${escapeHtml(asked.appName)} would like to connect</h1>
<p>This stands in for Spotify’s sign-in, so that everything can be tried without an account. Choose who to be.</p>
<form method="post" action="${escapeHtml(asked.action)}">
<fieldset><legend>Sign in as</legend>${people}</fieldset>
<details><summary>What the app asks for (${asked.scopes.length})</summary><ul>${scopes || '<li>nothing beyond your public profile</li>'}</ul></details>
<div class="row"><button name="decision" value="cancel" formnovalidate>Cancel</button><button name="decision" value="approve">Agree</button></div>
</form>`,
  );
}

/** What a wrong client id or redirect address gets, in Spotify's words. */
export function consentErrorPage(message: string): string {
  return page(
    'Something is wrong',
    `<span class="tag">Sandbox</span><h1>${escapeHtml(message)}</h1>
<p>The app that sent you here is not set up right. Compare its client id and redirect address with what is registered.</p>`,
  );
}
