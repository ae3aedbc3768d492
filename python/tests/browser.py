"""Headless Chromium over its debugging pipe: no driver, no library, no port."""

import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def find():
    """Path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A page in a browser that notes every complaint."""

    def __init__(self, process, to_browser, from_browser):
        self._process = process
        self._to, self._from = to_browser, from_browser
        self._numbers, self._rest, self._session = itertools.count(1), b"", None
        self.complaints, self.requests = [], []

    def open(self, path, *, width=1200, height=900, dark=False, scripts=True, print_media=False):
        """Load a file in a fresh tab and wait until everything has loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.complaints, self.requests = [], []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.call(
            "Emulation.setEmulatedMedia",
            media="print" if print_media else "",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        # In processor time, which other work on the machine does not stretch.
        self.call("Performance.enable", timeDomain="threadTicks")
        self._loaded = False
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not self._loaded:
            self._take(self._receive())

    def work(self):
        """Processor seconds the page has taken so far: parsing, layout, scripts, painting."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def evaluate(self, expression):
        """Value of an expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key):
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def type(self, letter):
        """Press and release a key that writes a letter."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": letter} if kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=letter, **text)

    def screenshot(self, whole=True):
        """PNG of the page."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def pdf(self):
        """The page as printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def call(self, method, **parameters):
        """Send a command and wait for its answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session and not method.startswith("Target."):
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._take(answer)

    def _take(self, event):
        method, about = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(about["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning"):
            self.complaints.append(str(about["args"]))
        elif method == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.complaints.append(about["entry"]["text"])

    def _receive(self, patience=30):
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], patience)
            assert ready, "the browser does not answer"
            block = os.read(self._from, 1 << 20)
            assert block, "the browser went away"
            self._rest += block
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


@contextlib.contextmanager
def running(profile):
    """A browser with a profile directory of its own.

    Yields
    ------
    Browser
    """
    commands_out, commands_in = os.pipe()
    answers_out, answers_in = os.pipe()

    def wire():
        # Chromium reads commands from descriptor 3 and answers on 4.
        first, second = os.dup(commands_out), os.dup(answers_in)
        os.dup2(first, 3)
        os.dup2(second, 4)

    process = subprocess.Popen(
        [
            find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=wire,
        close_fds=False,
        start_new_session=True,
    )  # fmt: skip
    os.close(commands_out)
    os.close(answers_in)
    try:
        yield Browser(process, commands_in, answers_out)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(commands_in)
        os.close(answers_out)
