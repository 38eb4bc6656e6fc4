"""Runs the real `lean` command line in a process of its own, its Docker manager replaced, the network closed. Not a test module.

Arguments: folder that holds the copied `lean` package, file for the report, then the command line.
"""

import json
import socket
import sys
from pathlib import Path


class RecordingDocker:
    """Says yes to every question of the CLI and keeps what the container would have been started with."""

    def __init__(self):
        self.run_options = {}
        self.files = {}

    def is_missing_permission(self):
        return False

    def image_installed(self, _image):
        return True

    def get_local_digest(self, _image):
        return None

    def get_image_label(self, _image, _label, default):
        return default

    def create_volume(self, name):
        pass

    def create_site_packages_volume(self, requirements_file):
        self.files["requirements"] = Path(requirements_file).read_text(encoding="utf-8")
        return "site-packages"

    def run_image(self, image, **options):
        for mount in options["mounts"]:
            if mount["Target"].endswith("config.json"):
                self.files["config"] = json.loads(Path(mount["Source"]).read_text(encoding="utf-8"))
        self.run_options = {
            "image": str(image),
            "mounts": {mount["Target"]: mount["Source"] for mount in options["mounts"]},
            "volumes": {str(source): target for source, target in options["volumes"].items()},
            "commands": options["commands"],
            "environment": options["environment"],
            "working_dir": options.get("working_dir"),
        }
        return True


def _no_network(*_arguments, **_names):
    raise OSError("the network is closed in this test")


def main():
    package, report, *command_line = sys.argv[1:]
    sys.path.insert(0, package)
    socket.socket.connect = _no_network
    socket.getaddrinfo = _no_network

    from lean.commands import lean  # noqa: PLC0415 - only the copy put on the path above may be imported
    from lean.container import container  # noqa: PLC0415 - as above

    docker = RecordingDocker()
    container.initialize(docker_manager=docker)
    lean(command_line, standalone_mode=False)
    Path(report).write_text(json.dumps({**docker.run_options, **docker.files}), encoding="utf-8")


if __name__ == "__main__":
    main()
