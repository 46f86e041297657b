struct ring {
    unsigned first, count, slots, slot_bytes;
    unsigned char *bytes;
};

/* Up to 4096 slots of up to 256 bytes each. */
int ring_make(struct ring *ring, unsigned slots, unsigned slot_bytes)
{
    if (slots == 0 || slots > 4096 || slot_bytes == 0 || slot_bytes > 256)
        return -1;
    ring->first = ring->count = 0;
    ring->slots = slots;
    ring->slot_bytes = slot_bytes;
    ring->bytes = malloc(slots * slot_bytes);
    return ring->bytes ? 0 : -1;
}

int ring_put(struct ring *ring, const unsigned char *item, unsigned length)
{
    unsigned slot = (ring->first + ring->count) % ring->slots;
    if (ring->count == ring->slots || length > ring->slot_bytes)
        return -1;
    memset(ring->bytes + slot * ring->slot_bytes, 0, ring->slot_bytes);
    memcpy(ring->bytes + slot * ring->slot_bytes, item, length);
    ring->count++;
    return 0;
}

int ring_take(struct ring *ring, unsigned char *item, unsigned room)
{
    if (ring->count == 0 || room < ring->slot_bytes)
        return -1;
    memcpy(item, ring->bytes + ring->first * ring->slot_bytes, ring->slot_bytes);
    ring->first = (ring->first + 1) % ring->slots;
    ring->count--;
    return 0;
}

/* Byte `at` of the item that was put in last. */
int ring_peek(const struct ring *ring, unsigned at)
{
    if (ring->count == 0 || at > ring->slot_bytes)
        return -1;
    unsigned slot = (ring->first + ring->count - 1) % ring->slots;
    return ring->bytes[slot * ring->slot_bytes + at];
}
