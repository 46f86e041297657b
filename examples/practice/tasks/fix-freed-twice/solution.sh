# A copy gets a title of its own.
python3 - <<'END'
path = "/task/songs.c"
text = open(path).read()
text = text.replace(
    """    *song = *songs[n];
    songs[count++] = song;
""",
    """    *song = *songs[n];
    song->title = strdup(songs[n]->title);
    if (!song->title) {
        free(song);
        return -1;
    }
    songs[count++] = song;
""",
)
open(path, "w").write(text)
END
sh tests/run.sh
