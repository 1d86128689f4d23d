"""The settings of Streamlit that the pages depend on."""

from __future__ import annotations

import tomllib

from stimage.paths import ROOT


def test_the_theme_and_the_settings_for_many_visitors_are_set():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["runner"]["postScriptGC"] is False
    assert config["server"]["fileWatcherType"] == "none"
    assert config["server"]["maxUploadSize"] == 0
    assert config["client"]["showSidebarNavigation"] is False
    assert config["browser"]["gatherUsageStats"] is False
    assert config["theme"]["light"]["primaryColor"] != config["theme"]["dark"]["primaryColor"]
