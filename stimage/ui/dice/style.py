"""How the dice's words look: one color for each part of speech, beside its label."""

from __future__ import annotations

COLORS = {  # universal part of speech -> background; dark text stands on it with 10 to 1 and more
    "NOUN": "#c7d2fe",
    "VERB": "#fecaca",
    "ADJ": "#fde68a",
    "NUM": "#ddd6fe",
    "ADP": "#bbf7d0",
    "X": "#e5e7eb",
}
_CHIPS = "\n".join(
    f'[class*="st-key-dice_chip_{pos}"] {{ background: {color}; }}' for pos, color in COLORS.items()
)
STYLE = f"""
<style>
.st-key-dice_words {{ row-gap: .4rem; column-gap: .35rem; }}
.st-key-dice_words .dice-word {{ line-height: 2rem; }}
[class*="st-key-dice_chip_"] {{ border-radius: .8rem; padding: .1rem .3rem; gap: 0; }}
[class*="st-key-dice_chip_"] button {{ min-height: 1.75rem; padding: 0 .45rem; color: #0b0d12;
  background: transparent; border: 0; }}
[class*="st-key-dice_chip_"] button:hover, [class*="st-key-dice_chip_"] button:focus-visible {{
  color: #0b0d12; background: #ffffff80; }}
[class*="st-key-dice_chip_"] button:disabled, [class*="st-key-dice_chip_"] button:disabled * {{
  color: #0b0d12; opacity: 1; }}
[class*="st-key-dice_chip_"] button:focus-visible {{ outline: 2px solid #0b0d12; }}
.dice-label {{ color: #23262f; font-size: .72rem; line-height: 1.75rem; padding-left: .45rem; }}
.entities mark {{ color: #0b0d12; white-space: nowrap; }}
{_CHIPS}
</style>
"""
