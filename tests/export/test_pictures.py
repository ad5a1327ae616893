"""PNG and SVG: drawn the same everywhere, with letters, with a background of their own."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import zlib
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pydbt.errors import PictureError
from pydbt.export import dot, png, svg
from pydbt.export.picture import drawing, graphviz, layered, layout, picture, style
from pydbt.project.manifest import Manifest
from tests.export.manifests import HOSTILE, SEED, described, random_manifest

_SVG = "{http://www.w3.org/2000/svg}"
_NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>'


def texts(rendered: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(rendered).iter(f"{_SVG}text")]


def size_and_first_pixel(rendered: bytes) -> tuple[int, int, tuple[int, ...]]:
    width, height, _depth, kind = struct.unpack(">IIBB", rendered[16:26])
    packed = b"".join(
        rendered[
            match.end() : match.end() + struct.unpack(">I", rendered[match.start() - 4 : match.start()])[0]
        ]
        for match in re.finditer(b"IDAT", rendered)
    )
    row = zlib.decompressobj().decompress(packed, 5)
    return width, height, tuple(row[1 : 5 if kind == 6 else 4])


@pytest.fixture
def without_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which the font library knows no font and no folder of fonts."""
    conf = tmp_path / "none.conf"
    conf.write_text(_NO_FONTS)
    monkeypatch.setenv("FONTCONFIG_FILE", str(conf))
    monkeypatch.setenv("FONTCONFIG_PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def drawn_by_graphviz_alone(manifest: Manifest, folder: Path) -> bytes:
    """The picture in the environment as it is, without our fonts."""
    source, target = folder / "alone.dot", folder / "alone.png"
    source.write_text(dot.source(manifest))
    subprocess.run(
        [sys.executable, drawing.__file__, source, target, "png", "dot"], check=True, env=dict(os.environ)
    )
    return target.read_bytes()


def test_letters_are_drawn_on_a_machine_without_fonts(without_fonts: Path) -> None:
    """Without ours every letter is one empty box and two names give one picture; with ours they differ."""
    one = Manifest("x", (described("abcd"),))
    other = Manifest("x", (described("hgpe"),))

    assert drawn_by_graphviz_alone(one, without_fonts) == drawn_by_graphviz_alone(other, without_fonts)
    assert png.render(one) != png.render(other)


def test_the_machines_fonts_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With fonts or without, the picture is the same to the byte."""
    usual = png.render(SEED), svg.render(SEED)
    conf = tmp_path / "none.conf"
    conf.write_text(_NO_FONTS)
    monkeypatch.setenv("FONTCONFIG_FILE", str(conf))

    assert (png.render(SEED), svg.render(SEED)) == usual


def test_the_fonts_come_with_their_licence_and_are_small() -> None:
    """They travel in the package, and nothing is written beside them."""
    folder = Path(graphviz.__file__).parent / "fonts"

    png.render(SEED)

    assert sorted(path.name for path in folder.iterdir()) == [
        "Inter-Regular.otf",
        "Inter-SemiBold.otf",
        "OFL.txt",
    ]
    assert sum(path.stat().st_size for path in folder.iterdir()) < 800_000


def test_a_letter_beyond_the_fonts_asks_the_system() -> None:
    """Only then are the system's fonts read, so that other pictures depend on nothing."""
    plain = graphviz.fonts_conf("/tmp/x", with_system_fonts=False)
    more = graphviz.fonts_conf("/tmp/x", with_system_fonts=True)

    assert "/usr/share/fonts" not in plain
    assert "/usr/share/fonts" in more
    assert svg.render(Manifest("日本", (described("注文"),)))


def test_the_svg_names_fonts_for_every_system() -> None:
    """A page that has not the first font takes the next, none of them wider by much."""
    families = {element.get("font-family") for element in ET.fromstring(svg.render(SEED)).iter(f"{_SVG}text")}

    assert families == {style.FONTS}
    assert style.FONTS.endswith(",sans-serif")


def test_the_svg_shows_names_details_and_legend() -> None:
    """Each name once, the schedule only where it is not the default, and the words of the legend."""
    shown = texts(svg.render(SEED))

    assert [shown.count(task.name) for task in SEED.tasks] == [1] * 5
    assert "first Monday of month" in shown
    assert "ttl 1 h" in shown
    assert "5 retries" in shown
    assert "every day" not in shown
    assert {"predictions", "5 tasks in 4 levels", "table", "view", "task", "failed"} <= set(shown)


def test_the_svg_is_the_same_twice() -> None:
    """No date, no address, no chance: a DAG that did not change makes no diff."""
    assert svg.render(SEED) == svg.render(SEED)


@pytest.mark.parametrize("manifest", [HOSTILE, random_manifest(60, 30), Manifest("none", ())])
def test_the_svg_is_well_formed_and_asks_for_nothing_elsewhere(manifest: Manifest) -> None:
    """Whatever the texts hold: no broken markup, no script, no address to fetch."""
    root = ET.fromstring(svg.render(manifest))

    tags = {element.tag.removeprefix(_SVG) for element in root.iter()}
    links = {value for element in root.iter() for key, value in element.items() if key.endswith("href")}
    assert tags <= {"svg", "g", "a", "title", "polygon", "polyline", "path", "text", "ellipse"}
    assert links == set()


def test_the_pictures_bring_their_background() -> None:
    """On a dark page the letters stay dark on light."""
    background = tuple(bytes.fromhex(style.BACKGROUND.removeprefix("#")))

    _, _, pixel = size_and_first_pixel(png.render(SEED))

    assert pixel in {background, (*background, 255)}
    assert f'fill="{style.BACKGROUND}"'.encode() in svg.render(SEED)


def test_tasks_in_trouble_stand_out_by_border_and_word() -> None:
    """A failure is seen at once, and without colours too."""
    rendered = svg.render(SEED).decode()

    assert rendered.count(f'stroke="{style.STATUSES["failed"]}" stroke-width="2"') == 1
    assert texts(rendered.encode()).count("upstream failed") == 2


@pytest.mark.parametrize(("levels", "top_down"), [(4, False), (5, False), (60, True)])
def test_the_picture_runs_right_unless_it_would_be_too_wide(levels: int, *, top_down: bool) -> None:
    """Down the page only where that is narrower and the page too narrow."""
    assert layout.is_top_down(random_manifest(levels * 2, levels)) is top_down


def test_a_box_is_never_narrower_than_its_text() -> None:
    """The reckoned width holds what Graphviz measures, so that names stay in boxes of our own placing."""
    names = (
        "illicit_fill",
        "mmmm_wwww",
        "WMQOG",
        "delay_by_carrier_and_hour",
        "заказы_по_дням",
        "größe",
    )
    for name in names:
        task = described(name, status="success")
        graph = dot.source(Manifest("", (task,)))
        points = [float(x) for x in re.findall(r"([\d.]+),-", box_path(svg_without_width(graph)))]
        assert max(points) - min(points) <= layout.box_width(task) + 1


def svg_without_width(graph: str) -> str:
    return graphviz.draw(re.sub(r', width="[\d.]+"\];', "];", graph), "svg").decode()


def box_path(rendered: str) -> str:
    node = rendered[rendered.index('class="node"') :]
    return node[node.index(' d="') : node.index('"/>')]


def test_a_large_dag_is_placed_by_us_and_complete() -> None:
    """Beyond Graphviz's reach every task has its box and every edge its curve, in seconds."""
    manifest = random_manifest(2_000, 10, parents=3)
    assert layered.is_slow(manifest)

    root = ET.fromstring(svg.render(manifest))

    kinds = [element.get("class") for element in root.iter(f"{_SVG}g")]
    assert (kinds.count("node"), kinds.count("edge")) == (2_000, len(manifest.edges))


def test_an_ordinary_dag_is_placed_by_graphviz() -> None:
    """A thousand tasks with two parents each take it a second or two."""
    assert not layered.is_slow(random_manifest(1_000, 10))


@pytest.mark.parametrize("top_down", [False, True])
def test_places_of_our_own_do_not_overlap_and_follow_the_levels(*, top_down: bool) -> None:
    """Boxes stand apart; each level begins where the one before has ended."""
    manifest = random_manifest(120, 6, parents=3)
    boxes = layered.boxes(manifest, top_down=top_down)
    placed = list(boxes.values())

    overlaps = [
        (one, other)
        for index, one in enumerate(placed)
        for other in placed[:index]
        if abs(one.x - other.x) < (one.width + other.width) / 2
        and abs(one.y - other.y) < (one.height + other.height) / 2
    ]
    along = [[-boxes[t.name].y if top_down else boxes[t.name].x for t in level] for level in manifest.levels]
    assert overlaps == []
    assert all(max(earlier) < min(later) for earlier, later in pairwise(along))


def test_our_order_crosses_fewer_edges_than_the_alphabet() -> None:
    """Sorting by the mean place of neighbours is worth its time: a reversed ladder has no crossing left."""
    steps = [f"{index:02}" for index in range(30)]
    upper = [described(f"a_{step}") for step in steps]
    lower = [described(f"b_{step}", f"a_{29 - int(step):02}", level=2) for step in steps]

    boxes = layered.boxes(Manifest("ladder", (*upper, *lower)), top_down=False)

    assert all(boxes[task.name].y == boxes[task.depends_on[0]].y for task in lower)


@pytest.mark.parametrize(("width", "height"), [(600, 200), (1700, 90_000), (200_000, 200_000), (0, 0)])
def test_a_png_is_of_a_size_that_programs_open(width: float, height: float) -> None:
    """At most 16,000 pixels long and 24 million in all; sharp as long as that allows."""
    dots = drawing.resolution(width, height) / 72

    assert max(width, height) * dots <= 16_001
    assert width * height * dots * dots <= 24_100_000
    assert dots == 2 or width * height > 4_000_000


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphviz is stopped, and the error says what else can be done."""
    monkeypatch.setattr(graphviz, "_SECONDS", 0.01)

    with pytest.raises(PictureError, match="did not finish") as caught:
        svg.render(SEED)

    assert caught.value.code == "PYDBT-E112"
    assert "--select" in caught.value.hint


def test_a_module_in_the_current_folder_is_not_taken_for_graphviz(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project may hold a ``pygraphviz.py`` or a ``json.py`` of its own."""
    (tmp_path / "pygraphviz.py").write_text("raise SystemExit('wrong one')")
    monkeypatch.chdir(tmp_path)

    assert svg.render(SEED)


def test_drawing_leaves_the_callers_environment_alone() -> None:
    """No variable of the process changes, and no folder stays behind."""
    before = dict(os.environ)

    picture.picture(SEED, "png")

    assert dict(os.environ) == before
