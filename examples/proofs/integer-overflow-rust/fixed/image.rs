//! The head of an image, `width height depth`: how many bytes does it take?

fn image_size(numbers: &[u32]) -> Option<u32> {
    numbers.iter().try_fold(1_u32, |size, number| size.checked_mul(*number))
}

fn main() {
    let head = std::env::args().nth(1).unwrap_or_default();
    let numbers: Vec<u32> = head.split(' ').filter_map(|word| word.parse().ok()).collect();
    if numbers.len() != 3 {
        std::process::exit(2);
    }
    match image_size(&numbers) {
        Some(size) => println!("{size} bytes"),
        None => std::process::exit(2),
    }
}
