"""Where a file keeps recorded fields and agents: a group for each group of patches, or, in format 1, one for all."""

from __future__ import annotations

import dataclasses

import h5py
import numpy as np


@dataclasses.dataclass
class Frames:
    """Recorded fields or agents of one group of patches.

    Parameters
    ----------
    patches : str
        Name of the group of patches; empty in format 1.
    group : h5py.Group
        The group of the file.
    time : h5py.Dataset [frame]
        Times of the frames [d].
    first_patch : int
        Number of the group's first patch among all patches.
    patch_name : str
        What a patch is called, such as "lobule".
    """

    patches: str
    group: h5py.Group
    time: h5py.Dataset
    first_patch: int = 0
    patch_name: str = "lobule"

    def numbers(self) -> np.ndarray:
        """Numbers of the patches whose fields were recorded, within their group."""
        return np.asarray(self.group["patch" if self.patches else "lobule"][:])

    def homes(self) -> np.ndarray:
        """The same patches by the numbers that the file's agents have."""
        return (
            np.asarray(self.group["patch"][:])
            if self.patches or "patch" in self.group
            else np.full(len(self.numbers()), -1)
        )


def field_frames(file: h5py.File) -> list[Frames]:
    """Find the recorded fields, by group of patches."""
    return _frames(file, "fields")


def agent_frames(file: h5py.File) -> list[Frames]:
    """Find the recorded agents, by group of patches."""
    return _frames(file, "agents")


def agents_beside(file: h5py.File, fields: Frames) -> Frames | None:
    """Find the agents of the patches whose fields these are; none when agents were not recorded."""
    return next((found for found in agent_frames(file) if found.patches == fields.patches), None)


def _frames(file: h5py.File, name: str) -> list[Frames]:
    group = file.get(name)
    if not isinstance(group, h5py.Group):
        return []
    if "time" in group:
        return [Frames("", group, group["time"])]
    found = []
    for patches, inner in group.items():
        if isinstance(inner, h5py.Group) and f"{name}_time" in inner:
            called = inner.attrs.get("patch_name", "patch")
            found.append(
                Frames(
                    patches,
                    inner,
                    inner[f"{name}_time"],
                    int(inner.attrs.get("first_patch", 0)),
                    called.decode() if isinstance(called, bytes) else str(called),
                )
            )
    return sorted(found, key=lambda frames: frames.first_patch)
