const bidiOverride = '\u202e';

/** Values that a client may send to harm people who look at them. Each has to be shown as text. */
export const hostileValues: readonly string[] = [
  '<script>window.harmed=1</script>',
  '<img src=x onerror="window.harmed=1">',
  '<svg onload="window.harmed=1">',
  '"><script>window.harmed=1</script>',
  "';window.harmed=1;//",
  'javascript:window.harmed=1',
  '<a href="javascript:window.harmed=1">click</a>',
  '<iframe srcdoc="<script>parent.harmed=1</script>"></iframe>',
  '<style>*{display:none}</style>',
  '</textarea><script>window.harmed=1</script>',
  '<!--<script>window.harmed=1//-->',
  '{{constructor.constructor("window.harmed=1")()}}',
  '${window.harmed=1}',
  '__proto__',
  `${bidiOverride}txt.exe`,
  '\u0000\u0001\u001b[31mred\u0007',
  '\u200b\u200d\ufeff',
  'Z\u0351\u036b\u0343\u036a\u0302'.repeat(40),
  '=HYPERLINK("http://evil.example","x")',
  'x'.repeat(900_000),
];
