"""Unbox: lays the members of an archive into a folder. Archives come from strangers."""

import base64
import io
import json
import os
import posixpath
import tarfile
import zipfile


class Refused(Exception):
    pass


def lay(folder, name, data):
    """Writes one member. Names are checked by who calls."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def plain(name):
    """A name without folders."""
    base = posixpath.basename(name.replace("\\", "/"))
    if base in ("", ".", ".."):
        raise Refused(name)
    return base


def below(folder, name):
    """A name that stays in the folder, whatever dots and links it goes through."""
    root = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(root, name))
    if os.path.commonpath([root, path]) != root or path == root:
        raise Refused(name)
    return os.path.relpath(path, root)


def from_zip(data, folder):
    """`namelist` gives the names as they stand in the archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if not name.endswith("/"):
                lay(folder, below(folder, name), archive.read(name))


def from_tar(data, folder):
    """Only plain files are taken: a link could lead out of the folder."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if not member.isfile():
                continue
            name = posixpath.normpath(member.name)
            if name.startswith(("/", "..")):
                raise Refused(member.name)
            lay(folder, name, archive.extractfile(member).read())


def from_json(data, folder):
    """`{"name": "base64", …}`"""
    members = json.loads(data)
    for name, text in members.items():
        if ".." in name.split("/"):
            raise Refused(name)
        lay(folder, name, base64.b64decode(text))


def from_mail(data, folder):
    """A line with a name, a line with base64, and so on: attachments have no folders."""
    lines = data.decode().splitlines()
    for name, text in zip(lines[::2], lines[1::2]):
        lay(folder, plain(name), base64.b64decode(text))


def from_pack(data, folder):
    """Length and name, length and content; two bytes each, most significant first."""
    stream = io.BytesIO(data)
    while head := stream.read(2):
        name = stream.read(int.from_bytes(head, "big")).decode()
        content = stream.read(int.from_bytes(stream.read(2), "big"))
        lay(folder, below(folder, name), content)
