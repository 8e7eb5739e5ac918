"""A real Chromium for the tests and the screenshots of the console."""
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FLAGS = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb",
         "--font-render-hinting=none", "--lang=en"]


class Browser:
    """One window; `with Browser() as browser: ...`."""

    def __init__(self, width=1440, height=900, dark=False, scale=1):
        options = webdriver.ChromeOptions()
        for flag in FLAGS:
            options.add_argument(flag)
        options.add_argument(f"--window-size={width},{height}")
        options.add_argument(f"--force-device-scale-factor={scale}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(20)
        self.size(width, height, scale)
        self.theme(dark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def size(self, width, height, scale=1):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600})

    def theme(self, dark, still=False):
        features = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce" if still else "no-preference"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": n, "value": v} for n, v in features.items()]})

    def open(self, address):
        self.driver.get(address)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def wait(self, condition, seconds=10, what="the page"):
        """Waits until a JavaScript expression is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.script(f"return !!({condition})"):
                return
            time.sleep(0.05)
        raise TimeoutError(f"waited {seconds} s for {what}: {condition}\n" + "\n".join(self.complaints()))

    def shot(self, path):
        self.driver.save_screenshot(str(path))

    def complaints(self):
        """What the console of the browser holds: errors of scripts, refusals of the content policy."""
        entries = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        # A container that has not started has no log; Kubernetes answers 400, and the page says so.
        return [text for text in entries if not ("/logs?" in text and "status of 400" in text)]
