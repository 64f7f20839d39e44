"""One round from the first weight to the printed scorecard, played through the pages by everybody in turn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, select, text, update

from evalsys.db import db, transaction
from evalsys.models import Assignment, Questionnaire, Round, WorkItem
from evalsys.tasks import Plan, drain_with_pool

PASSWORD = "rivergate-demo-2025"
ROUND = "2027"
UNIT = "U13"
PRINTED_WHOLE = "en"
OTHER_LANGUAGE = {"en": "ar", "zh": "en", "ar": "zh"}
LOOK_FOR = {"en": "bus stop", "zh": "公交站", "ar": "موقف الحافلات"}


@dataclass
class Story:
    """The stage: an application, its address, a browser, the language, and what each page must pass."""

    app: Flask
    address: str
    browser: Browser
    locale: str
    inspect: Callable[[Page], None]

    def url(self, path: str) -> str:
        return f"{self.address}/{self.locale}{path}"

    @contextmanager
    def visitor(self) -> Iterator[Page]:
        """Somebody's own browser on a phone, with nothing kept from others."""
        context = self.browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("response", self._no_failure)
        yield page
        context.close()

    @contextmanager
    def signed_in(self, name: str) -> Iterator[Page]:
        with self.visitor() as page:
            self.see(page, "/account/sign-in")
            page.fill("[name=login]", f"{name}@rivergate.example")
            page.fill("[name=password]", PASSWORD)
            page.click("main form button")
            expect(page.locator(".person")).to_be_visible()
            yield page

    def see(self, page: Page, path: str) -> None:
        page.goto(self.url(path))
        self.inspect(page)

    def press(self, page: Page, selector: str) -> None:
        """Press a button or link and look at the page it leads to."""
        with page.expect_navigation():
            page.click(selector)
        self.inspect(page)

    @staticmethod
    def _no_failure(response: object) -> None:
        status = getattr(response, "status", 0)
        assert status < 500, f"{getattr(response, 'url', '')} answers {status}"


def make_round(story: Story) -> None:
    """The analyst makes a round from the former one and proposes other weights; 50/20/29 is refused."""
    today = datetime.now(UTC).date()
    with story.signed_in("analyst") as page:
        story.see(page, "/oversight/rounds/new")
        page.check("[name=source][value='round:2025']")
        page.fill("[name=code]", ROUND)
        for locale, title in (("en", "City evaluation 2027"), ("zh", "2027年全市评估"), ("ar", "تقييم المدينة 2027")):
            page.fill(f"[name=title_{locale}]", title)
        page.fill("[name=opens_on]", str(today))
        page.fill("[name=closes_on]", str(today + timedelta(days=60)))
        story.press(page, "main form button:not(.visually-hidden)")
        story.see(page, f"/oversight/rounds/{ROUND}/weights")
        page.fill("[name='w-n-score-experience']", "50")
        page.fill("[name='w-n-score-management']", "29")
        page.fill("[name=reason]", "Citizens first")
        story.press(page, "button[value=propose]")
        assert "99" in page.locator(".error-summary").inner_text()
        page.fill("[name='w-n-score-experience']", "45")
        page.fill("[name='w-n-score-cooperation']", "٢٥")
        page.fill("[name='w-n-score-management']", "30")
        story.press(page, "button[value=propose]")
        assert "/proposals/" in page.url


def approve_and_open(story: Story) -> None:
    """A board member approves what somebody else proposed; the analyst opens the round."""
    with story.signed_in("board1") as page:
        story.see(page, f"/oversight/rounds/{ROUND}")
        story.press(page, "a[href*='/proposals/2']")
        page.check("#form [name=decision][value=approve]")
        page.fill("#form [name=reason]", "Agreed in the meeting of the board")
        story.press(page, "#form button")
    with story.signed_in("analyst") as page:
        do_act(story, page, "open")
        story.see(page, f"/oversight/rounds/{ROUND}/weights")
        expect(page.locator("[name='w-n-score-experience']")).to_have_count(0)


def do_act(story: Story, page: Page, act: str) -> None:
    story.see(page, f"/oversight/rounds/{ROUND}")
    story.press(page, f"form:has(input[name=act][value={act}]) button")


def rate_as_citizen(story: Story, invitation: str) -> str:
    """An invited citizen finds the office by what it does, changes the language half-way, and sends once."""
    with story.visitor() as page:
        story.see(page, invitation)
        story.press(page, "main form button")
        page.fill("main [name=q]", LOOK_FOR[story.locale])
        story.press(page, "main form[role=search] button")
        story.press(page, f"main a[href$='/units/{UNIT}']")
        story.press(page, "main a[href*='/rating']")
        names = page.eval_on_selector_all("fieldset.question", "all => all.map(one => one.querySelector('input').name)")
        assert len(names) == 7
        story.press(page, "main .actions button")
        expect(page.locator(".error-summary")).to_be_visible()
        for level, name in enumerate(names):
            page.check(f"[name={name}][value='{'na' if level == 6 else level % 5 + 1}']")
        page.fill("[name=comment]", "The bus came. 公交车准时。 شكرا")
        for locale in (OTHER_LANGUAGE[story.locale], story.locale):
            story.press(page, f"button[name=switch][value={locale}]")
            expect(page.locator("html")).to_have_attribute("lang", locale)
            assert page.locator("fieldset.question input:checked").count() == 7
            assert page.input_value("[name=comment]") == "The bus came. 公交车准时。 شكرا"
        with page.expect_request(lambda request: request.method == "POST") as sent:
            story.press(page, "main .actions button")
        receipt = page.inner_text(".receipt__code")
        again = page.request.post(
            sent.value.url, data=sent.value.post_data, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        assert receipt in again.text()
        return receipt


def rate_as_peer(story: Story) -> None:
    """A liaison keeps a draft, changes it, and sends it."""
    login, task = rater_of(story, "peers")
    with story.signed_in(login) as page:
        story.see(page, "/assignments")
        story.press(page, f"main a[href$='/assignments/{task}']")
        names = page.eval_on_selector_all("fieldset.question", "all => all.map(one => one.querySelector('input').name)")
        for name in names:
            page.check(f"[name={name}][value='2']")
        story.press(page, "button[value=save]")
        story.see(page, f"/assignments/{task}")
        assert page.locator("fieldset.question input[value='2']:checked").count() == len(names)
        page.check(f"[name={names[0]}][value='4']")
        page.check(f"[name={names[1]}][value='dk']")
        story.press(page, ".actions button[value=submit]")
        story.see(page, f"/assignments/{task}")
        expect(page.locator("fieldset.question")).to_have_count(0)


def score_as_expert(story: Story) -> None:
    """An expert's extreme score needs a reason."""
    login, task = rater_of(story, "experts")
    with story.signed_in(login) as page:
        story.see(page, f"/assignments/{task}")
        boxes = page.locator("input.input--number")
        for index in range(boxes.count()):
            boxes.nth(index).fill(str(60 + index))
        boxes.nth(0).fill("95")
        story.press(page, ".actions button[value=submit]")
        expect(page.locator(".error-summary")).to_be_visible()
        page.locator("fieldset.panel textarea").nth(0).fill("The plan of 2024 is done, and others copy it.")
        story.press(page, ".actions button[value=submit]")
        story.see(page, f"/assignments/{task}")
        expect(page.locator("fieldset.panel")).to_have_count(0)


def rater_of(story: Story, group: str) -> tuple[str, int]:
    """Somebody who is to rate the unit: the name she signs in with, and her assignment's number."""
    with story.app.app_context():
        query = (
            select(Assignment)
            .join(Questionnaire)
            .join(Round)
            .where(Round.code == ROUND, Questionnaire.group == group, Assignment.unit.has(code=UNIT))
            .order_by(Assignment.id)
        )
        found = db.session.scalars(query).first()
        assert found is not None
        return found.account.login.split("@")[0], found.id


def let_the_city_answer(story: Story) -> None:
    """Everybody else answers as in 2025."""
    with story.app.app_context():
        forms = select(Questionnaire).join(Round).where(Round.code.in_(("2025", ROUND)))
        by_group: dict[str, dict[str, int]] = {}
        for form in db.session.scalars(forms):
            by_group.setdefault(form.group, {})[form.round.code] = form.id
        for pair in by_group.values():
            ids = {"old": pair["2025"], "new": pair[ROUND]}
            db.session.execute(
                text(
                    "INSERT INTO response (id, questionnaire_id, unit_id, stratum, channel, day, status, pace, "
                    "network, answers) SELECT lower(hex(randomblob(16))), :new, unit_id, stratum, channel, day, "
                    "status, pace, network, answers FROM response WHERE questionnaire_id = :old"
                ),
                ids,
            )
            db.session.execute(
                text(
                    "INSERT INTO dirty SELECT lower(hex(randomblob(16))), :new, unit_id FROM response "
                    "WHERE questionnaire_id = :new GROUP BY unit_id"
                ),
                ids,
            )
        db.session.commit()


def score_and_publish(story: Story) -> None:
    """The analyst closes, checks, scores and shares; a board member adopts and publishes; the workers print."""
    with story.signed_in("analyst") as page:
        for act in ("close", "check", "score"):
            do_act(story, page, act)
        assert "/oversight/runs/" in page.url
        story.press(page, "form[action$='/repeat'] button")
        do_act(story, page, "share")
    with story.app.app_context():
        over = datetime.now(UTC).date() - timedelta(days=1)
        db.session.execute(update(Round).where(Round.code == ROUND).values(reply_until=over))
        db.session.commit()
    with story.signed_in("board1") as page:
        story.see(page, f"/oversight/rounds/{ROUND}/adoption")
        story.press(page, "form[action$='/adoption'] button")
        story.press(page, "form[action$='/publication'] button")
        print_cards(story, page.url.split("?")[0].rsplit("/", 1)[1])
        page.reload()
        story.inspect(page)


def print_cards(story: Story, batch: str) -> None:
    """The workers print all cards in one of the stories, in the others the one that is read."""
    with story.app.app_context():
        if story.locale != PRINTED_WHOLE:
            with transaction() as session:
                own = WorkItem.key.startswith(f"{UNIT}/{story.locale}/")
                session.execute(delete(WorkItem).where(WorkItem.batch == batch, ~own))
        done = drain_with_pool(Plan(story.app.config["EVALSYS"], batch=batch), 2)
    assert (done.failed, done.waiting) == (0, 0)
    assert (done.done == 1) == (story.locale != PRINTED_WHOLE)


def read_as_head(story: Story, folder: Path) -> Path:
    """The head of the unit reads her scorecard and takes the PDF along."""
    with story.signed_in(f"head.{UNIT.lower()}") as page:
        story.see(page, "/head")
        story.press(page, f"main a[href$='/head/rounds/{ROUND}']")
        return take_pdf(page, folder / "head.pdf")


def find_as_anybody(story: Story, folder: Path) -> tuple[str, Path]:
    """Anybody finds the result from the front page: the text of the page, and the PDF."""
    with story.visitor() as page:
        story.see(page, "/")
        story.press(page, f"main a[href$='/rounds/{ROUND}']")
        story.press(page, f"main a[href$='/rounds/{ROUND}/units/{UNIT}']")
        shown = page.inner_text("main")
        path = take_pdf(page, folder / "public.pdf")
        story.see(page, f"/rounds/{ROUND}/method")
        return shown, path


def take_pdf(page: Page, path: Path) -> Path:
    with page.expect_download() as waiting:
        page.click("main a[href$='.pdf']")
    waiting.value.save_as(path)
    return path
