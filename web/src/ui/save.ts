/** Give the person a file that the browser has. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** By then the tab has read the file, in ms; its address leads nowhere any more. */
const READ_AFTER = 60_000;

/** Show the person a file in a tab of its own. To be called by a press: a browser lets no page open a tab
 * later. Raises what `file` raises, and `Error` where the browser opens none. */
export async function open(file: () => Promise<Blob>): Promise<void> {
  const tab = window.open("", "_blank");
  if (!tab) throw new Error("The browser did not let us open a tab. Allow it for this page, and try again.");
  try {
    const url = URL.createObjectURL(await file());
    tab.location.replace(url);
    setTimeout(() => URL.revokeObjectURL(url), READ_AFTER);
  } catch (error) {
    tab.close();
    throw error;
  }
}
