//! The head of an image, `width height depth`: how many bytes does it take?

fn image_size(numbers: &[u32]) -> u32 {
    numbers.iter().product()
}

fn main() {
    let head = std::env::args().nth(1).unwrap_or_default();
    let numbers: Vec<u32> = head.split(' ').filter_map(|word| word.parse().ok()).collect();
    if numbers.len() != 3 {
        std::process::exit(2);
    }
    println!("{} bytes", image_size(&numbers));
}
