import { ApiError, createImport, type ImportView, importSchema, problemSchema } from '@spindle/contracts';

/** Uploads files in one request and tells how much has gone (0 to 1); `fetch` cannot tell that. */
export function uploadImport(
  files: readonly File[],
  onProgress: (share: number) => void,
): Promise<ImportView> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const file of files) form.append('files', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', createImport.path);
    request.setRequestHeader('accept', 'application/json');
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener('error', () => reject(new TypeError('the upload was interrupted')));
    request.addEventListener('load', () => {
      let body: unknown = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // An answer that is no JSON is told of by its status below.
      }
      if (request.status < 300) {
        resolve(importSchema.parse((body as { import?: unknown } | null)?.import));
        return;
      }
      const problem = problemSchema.safeParse(body);
      reject(
        new ApiError(
          problem.success
            ? problem.data
            : { type: 'about:blank', title: 'The upload failed', status: request.status },
          null,
        ),
      );
    });
    request.send(form);
  });
}
