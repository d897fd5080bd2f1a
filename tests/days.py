"""The zone of the demo's city, for tests that say their days and hours by its clocks."""

from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
