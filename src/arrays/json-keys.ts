// JSON.parse keeps the last of two equal keys in silence; where that must be an error, the keys are counted in the text.

/** The number of keys that a JSON object's text has at its top level. The text must be valid JSON. */
export function countTopLevelKeys(text: string): number {
  let depth = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      i = endOfString(text, i);
    } else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (char === ':' && depth === 1) count += 1;
  }
  return count;
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}
