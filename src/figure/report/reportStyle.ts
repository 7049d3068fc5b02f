/** The style of reports: dark text on white, one column, tables that scroll on narrow screens, and a page that prints. */
export const reportStyle = `
body { margin: 0; background: #fff; color: #1a1a1a; font: 16px/1.5 Arial, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .6rem; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .7rem; border-bottom: 1px solid #ccc; padding-bottom: .25rem; }
p { max-width: 46rem; }
.lead { font-size: 1.1rem; }
figure { margin: 1.2rem 0 2rem; }
figcaption { color: #444; font-size: .9rem; max-width: 46rem; margin-top: .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: left; border-bottom: 1px solid #e2e2e2; white-space: nowrap; }
thead th { border-bottom: 2px solid #1a1a1a; }
.number { text-align: right; }
.claim { border-left: 5px solid #888; padding: .2rem 0 .2rem .9rem; margin: 1rem 0; }
.claim.yes { border-color: #009e73; } .claim.no { border-color: #d55e00; }
.claim p, .claim ul { margin: .25rem 0 0; font-size: .92rem; color: #333; max-width: 52rem; }
.claim ul { list-style: none; padding: 0; } .claim li { margin: .2rem 0; padding-left: 1.2em; text-indent: -1.2em; }
.claim strong { margin-right: .4rem; }
details { margin: .6rem 0; } summary { cursor: pointer; }
pre { background: #f6f6f6; padding: .8rem; overflow-x: auto; font-size: .82rem; line-height: 1.4; }
footer { margin-top: 3rem; color: #444; font-size: .85rem; overflow-wrap: anywhere; }
@media print {
  main { max-width: none; padding: 0; }
  figure, .claim, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .modebar { display: none; }
  .wide { overflow: visible; }
}
`;
