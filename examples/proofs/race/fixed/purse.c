/* A purse that two threads pay from: `amount` each, as often as it holds enough. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static long purse;
static long amount;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *pay(void *unused) {
    (void) unused;
    pthread_mutex_lock(&lock);
    while (purse >= amount)
        purse -= amount;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void) {
    pthread_t one, other;
    if (scanf("%9ld %9ld", &purse, &amount) != 2 || amount < 1)
        return 2;
    pthread_create(&one, NULL, pay, NULL);
    pthread_create(&other, NULL, pay, NULL);
    pthread_join(one, NULL);
    pthread_join(other, NULL);
    printf("%ld left\n", purse);
    return 0;
}
