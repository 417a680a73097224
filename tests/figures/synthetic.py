"""Tables of a made-up study of any size, with what real ones have: long names, missing values, hostile text, notes."""

from __future__ import annotations

import random
from typing import Any

import polars as pl

from research._tables import check_table, columns_of

TARGETS = ("partnership", "russia", "india", "us_west", "china")
TARGET_LABELS = {
    "partnership": "The India-Russia partnership",
    "russia": "Russia",
    "india": "India",
    "us_west": "The United States and the West",
    "china": "China",
}
LABELS = (
    "Defense and arms", "Trade, payments and $ sanctions", "Energy: oil, gas and nuclear power",
    "Ceremony and personal rapport", "War in Ukraine and the search for a settlement",
    "Strategic autonomy and the multipolar world order", "Pressure from the United States <tariffs>",
    "Labour mobility, culture and people-to-people ties", "China and the wider region", "Domestic politics",
    "Science, space & technology",
)  # fmt: skip
OUTLETS = ("The Daily Ledger", "unknown", "Northern Courier", "Capital Post", "Capital Post")
SENTENCES = (
    "The two leaders signed <b>agreements</b> worth $5 billion & promised \"more\".",
    "Officials said deliveries would begin next year, though no date was given.",
    "Analysts warn that the costs of the arrangement may outweigh what it brings.",
    "An honour guard, flowers and a private dinner marked the warmth of the day. 🎉",
    "‏مرحبا‏ was the word on the banners along the road, one reporter wrote.",
    "Exports rose by four percent, to the highest level in a decade.",
)  # fmt: skip
_TYPES: dict[str, Any] = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64, "flag": pl.Boolean}


def _table(name: str, rows: list[dict[str, Any]], targets: tuple[str, ...] = ()) -> pl.DataFrame:
    columns = columns_of(name, targets)
    frame = pl.DataFrame(
        {c.name: [row.get(c.name) for row in rows] for c in columns}, schema={c.name: _TYPES[c.type] for c in columns}
    )
    check_table(name, frame, targets)
    return frame


def study(
    n_documents: int = 5,
    n_paragraphs: int = 63,
    n_themes: int = 11,
    targets: tuple[str, ...] = TARGETS,
    themed: bool = True,
    seed: int = 1,
) -> dict[str, pl.DataFrame]:
    """Make all the tables of one run."""
    draw = random.Random(seed)
    themes = [f"theme_{k:02d}" for k in range(n_themes)]
    labels = [LABELS[k % len(LABELS)] + (f" {k}" if k >= len(LABELS) else "") for k in range(n_themes)]
    documents = [
        {
            "document_id": f"{d:03d}",
            "outlet": OUTLETS[d % 5] if n_documents <= 5 else f"Outlet {d % 40}",
            "date": f"2025-12-{d % 28 + 1:02d}" if d % 3 else "unknown",
            "title": f"Report <i>number</i> {d}",
            "url": "unknown",
        }
        for d in range(n_documents)
    ]
    paragraphs: list[dict[str, Any]] = []
    units: list[dict[str, Any]] = []
    places: list[dict[str, Any]] = []
    centres = [(draw.gauss(0, 3), draw.gauss(0, 3)) for _ in range(max(n_themes, 1))]
    for i in range(n_paragraphs):
        d = i % n_documents if n_paragraphs < 2 * n_documents else n_documents * i // n_paragraphs
        position = sum(row["document_id"] == documents[d]["document_id"] for row in paragraphs[-400:])
        row: dict[str, Any] = {
            "paragraph_id": f"{documents[d]['document_id']}:{position + 2}",
            **{key: documents[d][key] for key in ("document_id", "outlet", "date")},
            "position": position,
            "text": " ".join(draw.choice(SENTENCES) for _ in range(draw.randint(1, 5))),
            "n_printed": 1 + (i % 11 == 0),
            "duplicate_of": "000:2" if i % 19 == 18 else None,
            "outlier": i % 13 == 0,
        }
        k = min(int(draw.expovariate(0.35)), n_themes - 1) if n_themes else 0
        if themed and n_themes and draw.random() > 0.08:
            row |= {
                "theme": themes[k], "theme_source": "codebook" if k < 9 else "discovered",
                "themes": f"{themes[k]};{themes[k - 1]}", "theme_probability": round(draw.random(), 3),
                "evidence": row["text"].split(". ")[0],
            }  # fmt: skip
        if i % 17 != 16 or n_paragraphs == 1:
            score = max(-0.9, min(0.9, draw.gauss(0.25 - 0.15 * (d % 5), 0.35)))
            row |= {
                "framing": score, "framing_low": max(-1.0, score - 0.3), "framing_high": min(1.0, score + 0.2),
                "framing_positive_pole": max(0.0, score), "framing_negative_pole": max(0.0, -score),
            }  # fmt: skip
        for t, target in enumerate(targets):
            speaks = draw.random() < (0.8, 0.5, 0.6, 0.25, 0.06)[t % 5]
            score = max(-1.0, min(1.0, draw.gauss((0.5, 0.1, 0.3, -0.4, 0)[t % 5], 0.4)))
            row[f"stance_{target}"] = (
                "absent" if not speaks else "favor" if score > 0.25 else "against" if score < -0.25 else "neutral"
            )
            if speaks:
                row |= {f"stance_{target}_score": score, f"stance_{target}_low": max(-1.0, score - 0.3),
                        f"stance_{target}_high": min(1.0, score + 0.3)}  # fmt: skip
        paragraphs.append(row)
        units.append({"document_id": row["document_id"], "line": position + 2, "kind": "paragraph", "reason": "prose",
                      "text": row["text"]})  # fmt: skip
        x, y = centres[k]
        places.append({"paragraph_id": row["paragraph_id"], "x": x + draw.gauss(0, 0.8), "y": y + draw.gauss(0, 0.8)})
    for document in documents:
        units.append({"document_id": document["document_id"], "line": 0, "kind": "title", "reason": "first line",
                      "text": document["title"]})  # fmt: skip
        units.append({"document_id": document["document_id"], "line": 1, "kind": "boilerplate", "reason": "buttons",
                      "text": "=Share <b>this</b>"})  # fmt: skip

    theme_rows, keyword_rows = [], []
    for k, theme in enumerate(themes):
        mine = [row for row in paragraphs if row.get("theme") == theme]
        share = len(mine) / n_paragraphs
        theme_rows.append(
            {
                "theme": theme, "source": "codebook" if k < 9 else "discovered", "label": labels[k],
                "n_paragraphs": len(mine), "n_documents": len({row["document_id"] for row in mine}), "share": share,
                "share_low": max(0.0, share - 0.06) if n_documents > 1 else None,
                "share_high": min(1.0, share + 0.08) if n_documents > 1 else None,
                "recovery": round(draw.random(), 2), "keywords": "arms;missile;joint production",
                "representatives": ";".join(row["paragraph_id"] for row in mine[:3]), "supported": len(mine) > 2,
            }
        )  # fmt: skip
        for rank in range(1, 11):
            word = draw.choice(["missile", "joint military production", "rouble", "crude oil", "$ payments", "summit"])
            keyword_rows.append({"theme": theme, "rank": rank, "keyword": word, "weight": 1.3 / (rank + draw.random())})

    estimates: list[dict[str, Any]] = []

    def add(quantity: str, group_by: str, group: str, mine: list[dict[str, Any]], column: str, **more: Any) -> None:
        values = [row[column] for row in mine if row.get(column) is not None]
        mean = sum(values) / len(values) if values else None
        half = 0.5 / max(len(values), 1) ** 0.5
        known = mean is not None and len(values) > 1
        estimates.append(
            {
                "quantity": quantity, "group_by": group_by, "group": group,
                "n_documents": len({row["document_id"] for row in mine}), "n_paragraphs": len(values), "estimate": mean,
                "low": max(-1.0, mean - half) if known else None, "high": min(1.0, mean + half) if known else None,
                "method": "mean of document means; percentile bootstrap",
                "uncertainty_sources": "anchors;sentences" if group_by == "document" else "anchors;sentences;documents",
                "note": None if known else "fewer than two paragraphs, so no interval", **more,
            }
        )  # fmt: skip

    groups = [("all", "all", paragraphs)]
    names = [d["document_id"] for d in documents]
    groups += [("document", name, [p for p in paragraphs if p["document_id"] == name]) for name in names]
    groups += [("theme", t, [p for p in paragraphs if p.get("theme") == t]) for t in themes]
    for group_by, group, mine in groups:
        add("framing", group_by, group, mine, "framing", theme=group if group_by == "theme" else None)
        for target in targets if group_by != "theme" else ():
            add("stance", group_by, group, mine, f"stance_{target}_score", target=target)
    # As in a run, a paragraph that repeats another document's does not count in the shares.
    shares: dict[str, list[float]] = {}
    for name in names:
        mine = [row for row in paragraphs if row["document_id"] == name and not row.get("duplicate_of")]
        for theme in sorted({row["theme"] for row in paragraphs if row.get("theme")}):
            share = sum(row.get("theme") == theme for row in mine) / len(mine) if mine else None
            shares.setdefault(theme, []).extend([] if share is None else [share])
            estimates.append(
                {
                    "quantity": "theme_share", "theme": theme, "group_by": "document", "group": name,
                    "n_documents": int(bool(mine)), "n_paragraphs": len(mine), "estimate": share,
                    "method": "share of the document's paragraphs", "uncertainty_sources": "none",
                    "note": "a count in one document: no interval is possible",
                }
            )  # fmt: skip
    for theme, values in shares.items():
        mean = sum(values) / len(values)
        estimates.append(
            {
                "quantity": "theme_share", "theme": theme, "group_by": "all", "group": "all",
                "n_documents": len(values), "n_paragraphs": sum(not row.get("duplicate_of") for row in paragraphs),
                "estimate": mean, "low": max(0.0, mean - 0.06) if len(values) > 1 else None,
                "high": min(1.0, mean + 0.08) if len(values) > 1 else None, "method": "Korn-Graubard interval",
                "uncertainty_sources": "documents" if len(values) > 1 else "none",
            }
        )  # fmt: skip
    if n_documents <= 5:
        estimates.append(
            {
                "quantity": "framing", "group_by": "outlet", "group": "Capital Post", "reference": "the others",
                "n_documents": 2, "n_paragraphs": 20, "method": "difference of means",
                "uncertainty_sources": "documents",
                "note": "2 documents against 3 cannot give a p-value below 0.1: no outlets are compared",
            }
        )  # fmt: skip
    return {
        "documents": pl.DataFrame(documents),
        "paragraphs": _table("paragraphs", paragraphs, targets),
        "units": _table("units", units),
        "themes": _table("themes", theme_rows),
        "keywords": _table("keywords", keyword_rows),
        "map": _table("map", places),
        "estimates": _table("estimates", estimates),
    }


def all_plots(tables: dict[str, pl.DataFrame], columns: int = 2) -> list[Any]:
    """Draw every figure of a run."""
    from research import figures

    t = tables
    return [
        figures.theme_map(t["paragraphs"], t["map"], t["themes"], columns=columns),
        figures.theme_shares_by_document(t["estimates"], t["themes"], t["documents"], columns=columns),
        figures.framing_by_document(t["estimates"], t["documents"], columns=columns),
        figures.framing_by_theme(t["estimates"], t["themes"], columns=columns),
        figures.article_lines(t["paragraphs"], t["documents"], columns=columns),
        figures.stance_by_target(t["paragraphs"], t["estimates"], labels=TARGET_LABELS, columns=columns),
        figures.stance_by_document(t["estimates"], t["documents"], labels=TARGET_LABELS, columns=columns),
        figures.keywords_by_theme(t["keywords"], t["themes"], columns=columns),
    ]
